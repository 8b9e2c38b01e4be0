import { useEffect, useMemo, useRef } from "react";

import { baseApi } from "../api/base-api";
import { isTerminal, type RunStream } from "../api/run-stream";
import { useRunStream, useServices } from "../api/services";
import { phaseLabel } from "../features/runs/run-phase";
import { faviconOf, showFavicon } from "./favicon";
import { useAppDispatch } from "./store";

/** The stream of the run on the screen, fed while it is there; lists, the page's title and the tab's icon follow its state. */
export function useWatchedRun(runId: string | undefined): RunStream | null {
  const { connection } = useServices();
  const dispatch = useAppDispatch();
  const stream = useMemo(() => (runId ? connection.streamOf(runId) : null), [connection, runId]);
  useRunStream(stream);
  const run = stream?.run ?? null;
  const last = useRef<string | null>(null);

  useEffect(() => (runId ? connection.watch(runId) : undefined), [connection, runId]);

  const icon = faviconOf(run?.state);
  useEffect(() => {
    showFavicon(icon);
    return () => showFavicon("/favicon.svg");
  }, [icon]);

  useEffect(() => {
    document.title = run ? `${phaseLabel(run)} · ${run.entrypoint} · ByteMe` : "ByteMe";
    const seen = run && `${run.id} ${run.state}`;
    if (!run || seen === last.current) return;
    last.current = seen;
    dispatch(baseApi.util.invalidateTags(["Runs"]));
    if (isTerminal(run.state))
      dispatch(baseApi.util.invalidateTags([{ type: "Artifacts", id: run.id }, "Me"]));
  }, [dispatch, run]);

  return stream;
}
