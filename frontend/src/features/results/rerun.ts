import type { Limits, Run, RunFiles, RunRequest } from "../../api/types";

/** The request that runs the same again: code, parameters, data and image; with other limits where they are given. */
export function requestOf(run: Run, files: RunFiles, limits: Limits = run.limits): RunRequest {
  return {
    project: run.project,
    files: files.files,
    entrypoint: files.entrypoint,
    args: run.args,
    env: run.env,
    datasets: run.datasets,
    secrets: run.secrets,
    limits,
    network: run.network,
    image: run.image.alias,
  };
}

/** Whether a request was refused because its project is gone; its files can be run without it. */
export function isProjectGone(fields: readonly { field: string }[] | undefined): boolean {
  return fields?.some(({ field }) => field === "project") ?? false;
}
