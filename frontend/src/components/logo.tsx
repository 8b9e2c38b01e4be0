export function Logo({ size }: { size: number }): React.JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="7" fill="#0b5cad" />
      <path d="M11 8l13 8-13 8z" fill="#fff" />
    </svg>
  );
}
