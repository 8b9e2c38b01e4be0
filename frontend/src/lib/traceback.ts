export interface Failure {
  /** The exception with its message, as Python prints it last. */
  summary: string;
  /** The innermost place in the user's own files, if any. */
  place: { path: string; line: number } | null;
}

const HEADER = /^Traceback \(most recent call last\):/;
const FRAME = /^\s+File "\/workspace\/([^"]+)", line (\d+)/;
const EXCEPTION = /^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Warning|Iteration)?(:|$)/;
const SEARCH_LINES = 400;

/** The last Python traceback at the end of an output; null when there is none. `lines` is read from its end. */
export function findFailure(lines: readonly string[]): Failure | null {
  const tail = lines.slice(-SEARCH_LINES);
  const start = tail.findLastIndex((line) => HEADER.test(line));
  if (start < 0) return null;
  const body = tail.slice(start + 1);
  const end = body.findIndex((line) => EXCEPTION.test(line));
  if (end < 0) return null;
  const frames = body.slice(0, end).flatMap((line) => {
    const match = FRAME.exec(line);
    return match ? [{ path: match[1] as string, line: Number(match[2]) }] : [];
  });
  return { summary: body[end] as string, place: frames.at(-1) ?? null };
}
