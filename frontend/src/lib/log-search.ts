import type { AnsiLog } from "./ansi-log";
import { BLOCK_LINES } from "./line-store";
import { lineText } from "./log-line";

export interface LogQuery {
  text: string;
  isRegex: boolean;
  isCaseSensitive: boolean;
}

export type LineTest = (text: string) => boolean;

/** What tells whether a line matches; null for an empty query. Throws SyntaxError for a regular expression that is none. */
export function lineTest({ text, isRegex, isCaseSensitive }: LogQuery): LineTest | null {
  if (!text) return null;
  const pattern = new RegExp(isRegex ? text : escapeRegex(text), isCaseSensitive ? "u" : "iu");
  return (line) => pattern.test(line);
}

/** The places of a query's matches within a line, as [from, to); at most 100. */
export function matchRanges(query: LogQuery, text: string): [number, number][] {
  const pattern = new RegExp(
    query.isRegex ? query.text : escapeRegex(query.text),
    query.isCaseSensitive ? "gu" : "giu",
  );
  const ranges: [number, number][] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0]) ranges.push([match.index, match.index + match[0].length]);
    if (ranges.length === MAX_RANGES) break;
  }
  return ranges;
}

const MAX_RANGES = 100;

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/**
 * A search through a log that grows, a slice of work at a time. Packed lines are looked at once; the few behind them,
 * which may still change, with every slice.
 */
export class LogSearcher {
  private readonly found: number[] = [];
  private looked: number;

  constructor(
    private readonly log: AnsiLog,
    private readonly test: LineTest,
  ) {
    this.looked = log.dropped;
  }

  /** Whether all lines that are packed have been looked at. */
  get isDone(): boolean {
    return this.looked >= this.log.packed;
  }

  /** How much has been looked at, from 0 to 1. */
  get share(): number {
    return this.log.packed === 0 ? 1 : this.looked / this.log.packed;
  }

  /** Goes on until all is looked at, or until `isTime` says after a block that it was enough. */
  work(isTime: () => boolean): void {
    const { log } = this;
    this.looked = Math.max(this.looked, log.dropped);
    while (!this.isDone) {
      const block = log.blocks[(this.looked - log.dropped) / BLOCK_LINES];
      if (block) this.look(block.text);
      this.looked += BLOCK_LINES;
      if (isTime()) return;
    }
  }

  /** The numbers of the matching lines found so far, in order. */
  matches(): number[] {
    const { log, found } = this;
    const first = lowerBound(found, log.dropped + 1);
    if (first > 0) found.splice(0, first);
    const last: number[] = [];
    for (let number = log.packed + 1; this.isDone && number <= log.count; number++) {
      const line = log.line(number);
      if (line && this.test(lineText(line))) last.push(number);
    }
    return found.concat(last);
  }

  private look(text: string): void {
    let number = this.looked;
    for (const line of text.split("\n")) {
      number++;
      if (this.test(line)) this.found.push(number);
    }
  }
}

/** The place of the first number that is not below `wanted`. */
export function lowerBound(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The match after (or, backwards, before) a line number, going round at the ends; null when there is none. */
export function nextMatch(
  matches: readonly number[],
  from: number | null,
  backwards: boolean,
): number | null {
  if (matches.length === 0) return null;
  const first = matches[0] as number;
  const last = matches.at(-1) as number;
  if (from === null) return backwards ? last : first;
  if (backwards) return matches[lowerBound(matches, from) - 1] ?? last;
  return matches[lowerBound(matches, from + 1)] ?? first;
}
