import type { Span } from "../../lib/log-line";

interface MarkedSpan {
  span: Span;
  isMarked: boolean;
}

/** The spans cut where the ranges, as [from, to) of the line, begin and end. */
export function markSpans(spans: readonly Span[], ranges: readonly [number, number][]): MarkedSpan[] {
  const result: MarkedSpan[] = [];
  let start = 0;
  for (const { text, style } of spans) {
    const end = start + text.length;
    let at = start;
    const take = (to: number, isMarked: boolean): void => {
      if (to > at) result.push({ span: { text: text.slice(at - start, to - start), style }, isMarked });
      at = Math.max(at, to);
    };
    for (const [from, to] of ranges) {
      if (to <= start || from >= end) continue;
      take(Math.max(from, start), false);
      take(Math.min(to, end), true);
    }
    take(end, false);
    start = end;
  }
  return result;
}
