import { isTerminal } from "../../api/run-stream";
import type { Reason, Run, RunState } from "../../api/types";

interface ControlInput {
  run: Run | null;
  submitting: boolean;
  stopping: boolean;
  online: boolean;
}

/** What the one Run/Stop control shows and does. */
export interface Control {
  action: "run" | "stop" | "none";
  label: string;
  /** Why it cannot be pressed now. */
  hint: string | null;
}

/** What the state is called on the screen. */
export function phaseLabel(run: Pick<Run, "state" | "queue_position" | "queue_wait_s">): string {
  if (run.state !== "queued") return PHASES[run.state];
  if (!run.queue_position) return "Queued";
  return run.queue_wait_s
    ? `Queued ${run.queue_position}, about ${duration(run.queue_wait_s)}`
    : `Queued ${run.queue_position}`;
}

/** An estimate's worth of precision. */
function duration(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const PHASES: Record<RunState, string> = {
  queued: "Queued",
  starting: "Starting",
  running: "Running",
  collecting: "Collecting",
  succeeded: "Succeeded",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** One button, one place: Run until something runs, Stop until it has ended, honest in between. */
export function controlOf({ run, submitting, stopping, online }: ControlInput): Control {
  if (submitting) return { action: "none", label: "Submitting", hint: "The server is taking the run" };
  const active = run !== null && !isTerminal(run.state);
  if (active && stopping) return { action: "none", label: "Stopping", hint: "The run is being stopped" };
  if (!online) return { action: "none", label: active ? "Stop" : "Run", hint: "There is no connection" };
  if (!active) return { action: "run", label: "Run", hint: null };
  if (run.state === "collecting") {
    return { action: "none", label: "Collecting", hint: "The program has ended; its files are being saved" };
  }
  return { action: "stop", label: "Stop", hint: null };
}

const TITLES: Record<Reason, string> = {
  exit_code: "The program failed",
  timeout: "Time limit reached",
  out_of_memory: "Out of memory",
  disk_limit: "Disk limit reached",
  output_limit: "Output limit reached",
  artifact_limit: "Artifact limit reached",
  host_lost: "The host was lost",
  image_unavailable: "The image is not available",
  internal_error: "ByteMe failed",
};

interface FailedEnding {
  title: string;
  message: string | null;
  /** Whether a higher limit may help. */
  limited: boolean;
}

/** Why a run failed, in plain words; null unless it did. */
export function failureOf({ state, reason, message }: Run): FailedEnding | null {
  if (state !== "failed") return null;
  const title = reason ? TITLES[reason] : "The run failed";
  return { title, message, limited: reason === "timeout" || reason === "out_of_memory" };
}

/** Seconds the program has run (or ran); null before it began. `now` is in milliseconds. */
export function elapsedSeconds(run: Run, now: number): number | null {
  if (!run.started_at) return null;
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  return Math.max(0, (end - Date.parse(run.started_at)) / 1000);
}
