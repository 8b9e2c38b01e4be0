import { useMemo, useState } from "react";

import type { AnsiLog } from "../../lib/ansi-log";
import { matchingLines, nextMatch } from "../../lib/log-search";

export interface LogSearch {
  text: string;
  setText: (text: string) => void;
  /** Numbers of the matching lines. */
  matches: ReadonlySet<number>;
  count: number;
  /** The number of the line gone to last. */
  current: number | null;
  /** Its place among the matches, from 1. */
  position: number | null;
  go: (backwards: boolean) => void;
}

/** A search in a log that may grow meanwhile. It works with line numbers, which stay when old lines are dropped. */
export function useLogSearch(log: AnsiLog, version: number): LogSearch {
  const [text, setText] = useState("");
  const [current, setCurrent] = useState<number | null>(null);
  const numbers = useMemo(
    () => (version >= 0 ? matchingLines(log.lines, text).map((index) => index + log.dropped + 1) : []),
    [log, text, version],
  );
  const matches = useMemo(() => new Set(numbers), [numbers]);
  const place = current === null ? -1 : numbers.indexOf(current);
  return {
    text,
    setText: (wanted) => {
      setText(wanted);
      setCurrent(null);
    },
    matches,
    count: numbers.length,
    current,
    position: place < 0 ? null : place + 1,
    go: (backwards) => setCurrent(nextMatch(numbers, current, backwards)),
  };
}
