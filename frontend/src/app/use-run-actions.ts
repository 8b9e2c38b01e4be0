import { useCallback, useRef, useState } from "react";
import { useSearchParams } from "react-router-dom";

import { errorText } from "../api/problem";
import { isTerminal, type RunStream } from "../api/run-stream";
import { useConnection, useRunStream, useServices } from "../api/services";
import { controlOf, type Control } from "../features/runs/run-phase";
import { useAppSelector } from "./store";

interface RunActions {
  control: Control;
  start: () => void;
  stop: () => void;
  failure: string | null;
  report: (failure: string) => void;
  dismissFailure: () => void;
}

/** Starting and stopping from one control; a double press never makes two runs. */
export function useRunActions(stream: RunStream | null): RunActions {
  const { connection } = useServices();
  const [, setSearch] = useSearchParams();
  const { files, entrypoint } = useAppSelector((state) => state.draft);
  const limits = useAppSelector((state) => state.limits);
  const datasets = useAppSelector((state) => state.mounts);
  const [failure, setFailure] = useState<string | null>(null);
  const [submitting, setSubmitting] = useState(false);
  const [stoppingRun, setStoppingRun] = useState<string | null>(null);
  const isBusy = useRef(false);
  const online = useConnection().status === "online";
  useRunStream(stream);
  const run = stream?.run ?? null;
  const control = controlOf({ run, submitting, online, stopping: run !== null && run.id === stoppingRun });

  const start = useCallback(async () => {
    if (isBusy.current) return;
    isBusy.current = true;
    setSubmitting(true);
    setFailure(null);
    try {
      const started = await connection.submit({ files, entrypoint, limits, datasets });
      setSearch({ run: started.id });
    } catch (error) {
      setFailure(errorText(error));
    } finally {
      isBusy.current = false;
      setSubmitting(false);
    }
  }, [connection, files, entrypoint, limits, datasets, setSearch]);

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
