import { memo } from "react";

import type { Style } from "../../lib/ansi-style";
import { lineText, type Line, type Span } from "../../lib/log-line";
import { matchRanges, type LogQuery } from "../../lib/log-search";
import { markSpans } from "./mark-spans";

interface LogRowProps {
  number: number;
  line: Line;
  /** Lines that are not settled change in place; this makes them render again. */
  version: number;
  /** What to mark in it; null when it does not match. */
  query: LogQuery | null;
  isGoal: boolean;
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

function StyledSpan({ span, isMarked }: { span: Span; isMarked: boolean }): React.JSX.Element {
  const text = isMarked ? <mark>{span.text}</mark> : span.text;
  return Object.keys(span.style).length === 0 || isMarked ? (
    <>{text}</>
  ) : (
    <span style={cssOf(span.style)}>{text}</span>
  );
}

/** One line: its number, which is neither read aloud nor copied, and its text. */
export const LogRow = memo(function LogRow({ number, line, query, isGoal }: LogRowProps) {
  const ranges = query ? matchRanges(query, lineText(line)) : [];
  return (
    <div className={`log-row${query ? " log-match" : ""}${isGoal ? " log-found" : ""}`}>
      <span className="log-number" aria-hidden data-number={number} />
      <span className={`log-mark log-mark-${line.stream}`} />
      <span className={`log-text log-${line.stream}`}>
        {markSpans(line.spans, ranges).map(({ span, isMarked }, index) => (
          <StyledSpan key={index} span={span} isMarked={isMarked} />
        ))}
        {"\n"}
      </span>
    </div>
  );
});
