import { lineText, type Line } from "./ansi-log";

/** The indices of the lines that contain the text, whatever its case; none for an empty text. */
export function matchingLines(lines: readonly Line[], text: string): number[] {
  if (!text) return [];
  const wanted = text.toLowerCase();
  const matches: number[] = [];
  lines.forEach((line, index) => {
    if (lineText(line).toLowerCase().includes(wanted)) matches.push(index);
  });
  return matches;
}

/** The match after (or, backwards, before) a line number, going round at the ends; null when there is none. */
export function nextMatch(
  matches: readonly number[],
  from: number | null,
  backwards: boolean,
): number | null {
  if (matches.length === 0) return null;
  if (from === null) return (backwards ? matches.at(-1) : matches[0]) ?? null;
  const next = backwards ? matches.findLast((match) => match < from) : matches.find((match) => match > from);
  return next ?? (backwards ? matches.at(-1) : matches[0]) ?? null;
}
