import type { CodeViewProps } from "../../components/code-view";

/** Plain text in the editor's place: what it is compared with, then what there is. */
export default function MonacoView({ text, before, label }: CodeViewProps): React.JSX.Element {
  return (
    <pre aria-label={label}>
      {before !== undefined && `before: ${before}\nafter: `}
      {text}
    </pre>
  );
}
