import { useState } from "react";

import { queryErrorText } from "../api/base-api";
import type { RaisedLimit } from "../api/next-limit";
import { errorText, ProblemError } from "../api/problem";
import { useLazyRunFilesQuery } from "../api/results-api";
import { useServices } from "../api/services";
import type { Run, RunFiles, RunRequest } from "../api/types";
import { isProjectGone, requestOf } from "../features/results/rerun";
import { useOpenInWorkspace, type Given } from "./open-in-workspace";
import { useLaterNavigate, type Go } from "./use-later-navigate";

interface Rerun {
  /** The same again, with one limit raised where it is given; then that run is on the screen. */
  again: (raised?: RaisedLimit) => void;
  /** The run's code in the workspace, where its runs are given what this one was. */
  edit: () => void;
  isBusy: boolean;
  failure: string | null;
}

/** Doing again what a run did. */
export function useRerun(run: Run | undefined): Rerun {
  const { connection } = useServices();
  const [fetchFiles] = useLazyRunFilesQuery();
  const navigateLater = useLaterNavigate();
  const open = useOpenInWorkspace();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const withFiles = async (act: (run: Run, files: RunFiles, go: Go) => Promise<void>): Promise<void> => {
    if (!run || isBusy) return;
    setBusy(true);
    setFailure(null);
    const go = navigateLater();
    try {
      const { data, error } = await fetchFiles(`/runs/${run.id}`, true);
      if (data) await act(run, data, go);
      else setFailure(queryErrorText(error));
    } catch (error) {
      setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = async (request: RunRequest, go: Go): Promise<void> => {
    const started = await connection.submit(request).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || !isProjectGone(error.problem.errors)) throw error;
      return connection.submit({ ...request, project: null });
    });
    await go(`/runs/${started.id}`);
  };
  return {
    again: (raised) =>
      void withFiles((of, files, go) => submit(requestOf(of, files, { ...of.limits, ...raised }), go)),
    edit: () =>
      void withFiles((of, files, go) =>
        open({ name: `${of.entrypoint} of ${of.id.slice(0, 12)}`, ...files }, givenTo(of), go),
      ),
    isBusy,
    failure,
  };
}

function givenTo({ args, env, network, secrets, datasets, limits, image }: Run): Given {
  const { cpus, memory_mb, disk_mb, timeout_s } = limits;
  const mounts = datasets.map(({ id, name }) => ({ id, name }));
  return {
    options: { args, env, network, secrets, datasets: mounts, image: image.alias },
    limits: { cpus, memory_mb, disk_mb, timeout_s },
  };
}
