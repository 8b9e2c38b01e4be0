import { useEffect } from "react";

import type { RunStream } from "../api/run-stream";
import { useRunStream } from "../api/services";
import { problemsFound, stillThere } from "../features/problems/problems-slice";
import { findProblems, type RunProblem } from "../lib/run-problems";
import { useAppDispatch, useAppSelector, useAppStore } from "./store";

const NONE: readonly RunProblem[] = [];
const TRACEBACK_LINES = 400;

/** The lines that the run on the screen failed at, as far as they have not been edited since. */
export function useRunProblems(stream: RunStream | null): readonly RunProblem[] {
  const version = useRunStream(stream);
  const store = useAppStore();
  const dispatch = useAppDispatch();
  const run = stream?.run ?? null;
  const failed = run?.state === "failed" && run.reason === "exit_code" ? run : null;
  // All of the output has come before the traceback at its end means anything.
  const isWhole = stream !== null && failed !== null && stream.offset >= failed.output.bytes;
  const projectId = useAppSelector((state) => state.project?.id);

  useEffect(() => {
    const { project } = store.getState();
    if (!stream || !failed || !isWhole || !project) return;
    const items = stillThere(
      findProblems(stream.log.lastTexts(TRACEBACK_LINES), (path) => path in project.files),
      project.files,
    );
    dispatch(problemsFound({ run: failed.id, items }));
  }, [dispatch, failed, isWhole, projectId, store, stream, version]);

  return useAppSelector(({ problems }) => (run && problems.run === run.id ? problems.items : NONE));
}
