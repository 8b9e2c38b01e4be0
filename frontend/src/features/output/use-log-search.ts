import { useEffect, useMemo, useRef, useState } from "react";

import type { AnsiLog } from "../../lib/ansi-log";
import { lineTest, LogSearcher, nextMatch, type LineTest, type LogQuery } from "../../lib/log-search";

/** How long one piece of work may take, and how far they are apart: the page stays quick meanwhile. */
const SLICE_MS = 10;
const EVERY_MS = 30;
const NOTHING: LogQuery = { text: "", isRegex: false, isCaseSensitive: false };

interface Progress {
  searcher: LogSearcher;
  numbers: number[];
  /** From 0 to 1. */
  share: number;
}

export interface LogSearch {
  query: LogQuery;
  setQuery: (changes: Partial<LogQuery>) => void;
  /** Why the query is none. */
  error: string | null;
  /** Numbers of the matching lines, in order. */
  numbers: readonly number[];
  /** How much of the log has been looked at, from 0 to 1. */
  share: number;
  /** The number of the line gone to last. */
  current: number | null;
  go: (backwards: boolean) => void;
}

function testOf(query: LogQuery): { test: LineTest | null; error: string | null } {
  try {
    return { test: lineTest(query), error: null };
  } catch (error) {
    return { test: null, error: (error as Error).message.replace(/^.*: /, "") };
  }
}

function isOver(deadline: number): () => boolean {
  return () => performance.now() > deadline;
}

/** A search in a log that may grow meanwhile. It works with line numbers, which stay when old lines are dropped. */
export function useLogSearch(log: AnsiLog): LogSearch {
  const [query, setQuery] = useState(NOTHING);
  const [current, setCurrent] = useState<number | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  // Which way to go once something is found: who is quick presses Enter before.
  const pending = useRef<"on" | "back" | null>(null);
  const { test, error } = useMemo(() => testOf(query), [query]);
  const searcher = useMemo(() => (test ? new LogSearcher(log, test) : null), [log, test]);

  useEffect(() => {
    if (!searcher) return;
    let writes = -1;
    const step = (): void => {
      if (searcher.isDone && writes === log.writes && pending.current === null) return;
      writes = log.writes;
      searcher.work(isOver(performance.now() + SLICE_MS));
      const found = searcher.matches();
      setProgress({ searcher, numbers: found, share: searcher.share });
      const isReady = searcher.isDone || (pending.current === "on" && found.length > 0);
      if (pending.current === null || !isReady) return;
      setCurrent(nextMatch(found, null, pending.current === "back"));
      pending.current = null;
    };
    const timer = setInterval(step, EVERY_MS);
    return () => clearInterval(timer);
  }, [log, searcher]);

  const shown = progress?.searcher === searcher ? progress : null;
  const numbers = shown?.numbers ?? [];
  return {
    query,
    setQuery: (changes) => {
      setQuery((before) => ({ ...before, ...changes }));
      setCurrent(null);
      pending.current = null;
    },
    error,
    numbers,
    share: shown?.share ?? (searcher ? 0 : 1),
    current,
    go: (backwards) => {
      const isEarly = searcher !== null && numbers.length === 0 && (shown?.share ?? 0) < 1;
      if (isEarly) pending.current = backwards ? "back" : "on";
      else setCurrent(nextMatch(numbers, current, backwards));
    },
  };
}
