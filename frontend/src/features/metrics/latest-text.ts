import type { Series } from "../../api/run-stream";

/** "loss 0.2134 at step 400"; numbers that are none are named, not hidden. */
export function latestText(series: Series): string {
  const value = series.values.at(-1);
  const shown = typeof value === "number" ? String(Number(value.toPrecision(5))) : "not a number";
  return `${shown} at step ${series.steps.at(-1) ?? 0}`;
}
