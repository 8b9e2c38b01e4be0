import { memo } from "react";

import type { Line, Span } from "../../lib/ansi-log";
import type { Style } from "../../lib/ansi-style";

interface LogRowProps {
  number: number;
  line: Line;
  /** Lines change in place; the length and this make a changed one render again. */
  version: number;
}

function cssOf({ fg, bg, bold, dim, italic, underline, strike, inverse }: Style): React.CSSProperties {
  const front = colorOf(fg);
  const back = colorOf(bg);
  const decoration = [underline && "underline", strike && "line-through"].filter(Boolean).join(" ");
  return {
    color: inverse ? (back ?? "var(--log-background)") : front,
    backgroundColor: inverse ? (front ?? "var(--log-foreground)") : back,
    fontWeight: bold ? 700 : undefined,
    opacity: dim ? 0.75 : undefined,
    fontStyle: italic ? "italic" : undefined,
    textDecoration: decoration || undefined,
  };
}

function colorOf(color: Style["fg"]): string | undefined {
  return typeof color === "number" ? `var(--ansi-${color})` : color;
}

function StyledSpan({ span }: { span: Span }): React.JSX.Element {
  return Object.keys(span.style).length === 0 ? (
    <>{span.text}</>
  ) : (
    <span style={cssOf(span.style)}>{span.text}</span>
  );
}

/** One line: its number, which is neither read aloud nor copied, and its text. */
export const LogRow = memo(function LogRow({ number, line }: LogRowProps) {
  return (
    <>
      <span className="log-number" aria-hidden data-number={number} />
      <span className={`log-text log-${line.stream}`}>
        {line.spans.map((span, index) => (
          <StyledSpan key={index} span={span} />
        ))}
        {"\n"}
      </span>
    </>
  );
});
