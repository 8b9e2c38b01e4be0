import type { Run } from "../../api/types";
import { formatSeconds } from "../../lib/format";

const METRICS_SHOWN = 2;

/** How long the program ran, or has run; null before it began. */
export function durationOf(run: Run, now: number): string | null {
  if (!run.started_at) return null;
  const end = run.finished_at ? Date.parse(run.finished_at) : now;
  return formatSeconds((end - Date.parse(run.started_at)) / 1000);
}

/** The last of the first metrics: "loss 0.21 · acc 0.94". */
export function metricsText({ metrics }: Pick<Run, "metrics">): string {
  return metrics
    .slice(0, METRICS_SHOWN)
    .map(
      ({ name, value }) =>
        `${name} ${value === null ? "not a number" : String(Number(value.toPrecision(4)))}`,
    )
    .join(" · ");
}
