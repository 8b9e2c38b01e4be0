import { useCallback, useRef, useState } from "react";

import { errorText } from "../api/problem";
import { isTerminal, type RunStream } from "../api/run-stream";
import { useConnection, useRunStream, useServices } from "../api/services";
import type { RunRequest } from "../api/types";
import { problemsCleared } from "../features/problems/problems-slice";
import type { OpenProject } from "../features/projects/project-slice";
import type { ChosenLimits } from "../features/runs/limits-slice";
import { optionFields, type RunOptions } from "../features/runs/run-options-slice";
import { controlOf, type Control } from "../features/runs/run-phase";
import { useAppStore } from "./store";
import { useLaterNavigate } from "./use-later-navigate";

interface RunActions {
  control: Control;
  start: () => void;
  stop: () => void;
  failure: string | null;
  report: (failure: string) => void;
  dismissFailure: () => void;
}

/** Starting and stopping from one control; a double press never makes two runs. `save` is begun before each start. */
export function useRunActions(stream: RunStream | null, save: () => void, isGone: boolean): RunActions {
  const { connection } = useServices();
  const store = useAppStore();
  const navigateLater = useLaterNavigate();
  const [failure, setFailure] = useState<string | null>(null);
  const [submitting, setSubmitting] = useState(false);
  const [stoppingRun, setStoppingRun] = useState<string | null>(null);
  const isBusy = useRef(false);
  const online = useConnection().status === "online";
  useRunStream(stream);
  const run = stream?.run ?? null;
  const control = controlOf({ run, submitting, online, stopping: run !== null && run.id === stoppingRun });

  const start = useCallback(async () => {
    // As they are now: the options may have been chosen in the same turn.
    const { project, limits, runOptions } = store.getState();
    if (isBusy.current || !project) return;
    isBusy.current = true;
    setSubmitting(true);
    setFailure(null);
    const go = navigateLater();
    save();
    try {
      const started = await connection.submit(requestOf(project, limits, runOptions, isGone));
      store.dispatch(problemsCleared());
      await go(`?run=${started.id}`);
    } catch (error) {
      setFailure(errorText(error));
    } finally {
      isBusy.current = false;
      setSubmitting(false);
    }
  }, [connection, isGone, navigateLater, save, store]);

  const stop = useCallback(async () => {
    if (!run || isTerminal(run.state)) return;
    setStoppingRun(run.id);
    try {
      await connection.cancel(run.id);
    } catch (error) {
      setStoppingRun(null);
      setFailure(errorText(error));
    }
  }, [connection, run]);

  return {
    control,
    start: () => void (control.action === "run" && start()),
    stop: () => void (control.action === "stop" && stop()),
    failure,
    report: setFailure,
    dismissFailure: () => setFailure(null),
  };
}

/**
 * What is on the screen, frozen: the files go along, so a run never depends on what was saved, or is saved meanwhile from
 * elsewhere; the project only says whose run it is.
 */
function requestOf(
  project: OpenProject,
  limits: ChosenLimits,
  options: RunOptions,
  isGone: boolean,
): RunRequest {
  const { id, files, entrypoint } = project;
  return { ...(!isGone && { project: id }), files, entrypoint, limits, ...optionFields(options) };
}
