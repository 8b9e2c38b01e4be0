/** A line of the user's own files that a failed run points at. */
export interface RunProblem {
  path: string;
  /** From 1. */
  line: number;
  message: string;
  /** Where it went wrong is an error; the lines that led there are for information. */
  severity: "error" | "info";
  /** The line's text when it ran, if the traceback shows it. */
  source: string | null;
}

const HEADER = /^Traceback \(most recent call last\):/;
const FRAME = /^\s+File "(?:\/workspace\/)?([^"<]+)", line (\d+)(?:, in (.+))?$/;
const EXCEPTION = /^([A-Za-z_][\w.]*)(?::\s?(.*))?$/;
const SYNTAX = /^(?:\w+\.)*(SyntaxError|IndentationError|TabError)\b/;
const SEARCH_LINES = 400;

interface Frame {
  path: string;
  line: number;
  caller: string | null;
  source: string | null;
}

/** What the last traceback of an output points at, the innermost line first; only in the files that `isOwn` knows. */
export function findProblems(lines: readonly string[], isOwn: (path: string) => boolean): RunProblem[] {
  const tail = lines.slice(-SEARCH_LINES);
  const frames = new Map<number, Frame>();
  const from = tracebackStart(tail);
  const end =
    from < 0 ? -1 : tail.findIndex((line, at) => at > from && EXCEPTION.test(line) && !HEADER.test(line));
  if (end < 0) return [];
  for (let at = from; at < end; at++) {
    const [, path, line, caller] = FRAME.exec(tail[at] as string) ?? [];
    const below = tail[at + 1];
    const source = below !== undefined && at + 1 < end && !FRAME.test(below) ? below.trim() : null;
    if (path && isOwn(path)) frames.set(at, { path, line: Number(line), caller: caller ?? null, source });
  }
  return problemsOf([...frames.values()], tail[end] as string);
}

/** A syntax error of the program itself has no header, only the place. */
function tracebackStart(lines: readonly string[]): number {
  const header = lines.findLastIndex((line) => HEADER.test(line));
  const syntax = lines.findLastIndex((line) => SYNTAX.test(line));
  const end = header < 0 ? -1 : lines.findIndex((line, at) => at > header && EXCEPTION.test(line));
  const isOutside = syntax > end && (header < 0 || end >= 0);
  return isOutside ? lines.slice(0, syntax).findLastIndex((line) => FRAME.test(line)) : header;
}

function problemsOf(frames: readonly Frame[], summary: string): RunProblem[] {
  const problems = new Map<string, RunProblem>();
  for (const { path, line, caller, source } of [...frames].reverse()) {
    const key = `${path}:${line}`;
    const isInnermost = problems.size === 0;
    const way = caller && caller !== "<module>" ? `Called in ${caller}` : "Called here";
    const message = isInnermost ? summary : `${way}: led to ${summary}`;
    if (!problems.has(key)) {
      problems.set(key, { path, line, message, severity: isInnermost ? "error" : "info", source });
    }
  }
  return [...problems.values()];
}
