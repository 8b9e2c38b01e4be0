import { PLAIN, type Style } from "./ansi-style";

export type LogStream = "stdout" | "stderr" | "system";

export interface Span {
  text: string;
  style: Style;
}

export interface Line {
  stream: LogStream;
  length: number;
  spans: Span[];
  /** Part of what its stream is redrawing, such as nested progress bars. */
  isRedrawn?: boolean;
}

/** The plain text of a line, without styles. */
export function lineText(line: Line): string {
  const [first] = line.spans;
  if (!first) return "";
  return line.spans.length === 1 ? first.text : line.spans.map((span) => span.text).join("");
}

/** Cuts off what is beyond a length. */
export function truncate(line: Line, length: number): void {
  if (line.length <= length) return;
  line.spans = sliceSpans(line.spans, 0, length);
  line.length = length;
}

/** Writes text over a line from a column on, filling up with blanks what is missing before. */
export function overwrite(line: Line, column: number, text: string, style: Style): void {
  if (!text) return;
  if (column > line.length) append(line, " ".repeat(column - line.length), PLAIN);
  if (column === line.length) {
    append(line, text, style);
    return;
  }
  const after = sliceSpans(line.spans, column + text.length, line.length);
  truncate(line, column);
  append(line, text, style);
  for (const span of after) append(line, span.text, span.style);
}

function append(line: Line, text: string, style: Style): void {
  const last = line.spans.at(-1);
  if (last?.style === style) last.text += text;
  else line.spans.push({ text, style });
  line.length += text.length;
}

function sliceSpans(spans: Span[], from: number, to: number): Span[] {
  const result: Span[] = [];
  let at = 0;
  for (const { text, style } of spans) {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (part) result.push({ text: part, style });
    at += text.length;
  }
  return result;
}
