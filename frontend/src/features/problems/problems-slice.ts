import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

import type { RunProblem } from "../../lib/run-problems";

/** What the last failed run points at, as far as it has not been edited since. */
export interface Problems {
  run: string | null;
  items: RunProblem[];
}

/** Lines `from` to `to` of a file were replaced, and what comes after them moved down by `shift`. */
interface LinesReplaced {
  path: string;
  from: number;
  to: number;
  shift: number;
}

const NONE: Problems = { run: null, items: [] };

const problemsSlice = createSlice({
  name: "problems",
  initialState: NONE,
  reducers: {
    /** A run's problems are found once: what was mended since does not come back. */
    problemsFound: (problems, { payload }: PayloadAction<Problems>) =>
      problems.run === payload.run ? problems : payload,
    problemsCleared: () => NONE,
    linesReplaced: (problems, { payload }: PayloadAction<LinesReplaced>) => {
      if (problems.items.some(({ path }) => path === payload.path)) {
        problems.items = afterEdit(problems.items, payload);
      }
    },
  },
});

export const { problemsFound, problemsCleared, linesReplaced } = problemsSlice.actions;
export const problemsReducer = problemsSlice.reducer;

/** Without the problems of lines that were edited, the later ones where their lines are now. */
export function afterEdit(
  items: readonly RunProblem[],
  { path, from, to, shift }: LinesReplaced,
): RunProblem[] {
  return items.flatMap((problem) => {
    if (problem.path !== path || problem.line < from) return [problem];
    return problem.line <= to ? [] : [{ ...problem, line: problem.line + shift }];
  });
}

/** Only what still stands in the files as it ran: a line that reads otherwise now was mended, or is another one. */
export function stillThere(
  items: readonly RunProblem[],
  files: Readonly<Record<string, string>>,
): RunProblem[] {
  return items.filter(({ path, line, source }) => {
    const text = files[path]?.split("\n")[line - 1];
    return text !== undefined && (source === null || text.trim() === source);
  });
}
