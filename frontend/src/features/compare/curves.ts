import type { Metric } from "../../api/types";

/** The points of several runs on common steps, as uPlot wants them; null where a run has none. */
export interface Curves {
  name: string;
  steps: number[];
  /** One for each run; null for a run that did not report it. */
  values: ((number | null)[] | null)[];
}

/** By name and step. */
type Points = Map<string, Map<number, number | null>>;

/** One set of curves for each metric that any of the runs reported. */
export function curvesOf(runs: readonly (readonly Metric[])[]): Curves[] {
  const byRun = runs.map(pointsByName);
  const names = [...new Set(byRun.flatMap((points) => [...points.keys()]))];
  return names.map((name) => {
    const stepsOf = (points: Points): number[] => [...(points.get(name)?.keys() ?? [])];
    const steps = [...new Set(byRun.flatMap(stepsOf))].sort((a, b) => a - b);
    const values = byRun.map((points) => {
      const own = points.get(name);
      return own ? steps.map((step) => own.get(step) ?? null) : null;
    });
    return { name, steps, values };
  });
}

/** A point without a step counts on from the one before; of two at one step the later counts. */
function pointsByName(metrics: readonly Metric[]): Points {
  const found: Points = new Map();
  const reached = new Map<string, number>();
  for (const { name, step, value } of metrics) {
    let points = found.get(name);
    if (!points) found.set(name, (points = new Map<number, number | null>()));
    const at = step ?? (reached.get(name) ?? -1) + 1;
    reached.set(name, at);
    points.set(at, value);
  }
  return found;
}

export interface Look {
  color: string;
  dash: number[];
}

const LIGHT = ["#0550ae", "#a40e26", "#116329", "#7d3c98", "#8a4600", "#0e7490"];
const DARK = ["#85c1ff", "#ff9a94", "#7ee2a0", "#d2a8ff", "#ffb86b", "#67e0ef"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [14, 4]];

/** How a run's curve is told from the others': by its colour and by its dashes. */
export function lookOf(index: number, dark: boolean): Look {
  const colors = dark ? DARK : LIGHT;
  return { color: colors[index % colors.length] ?? "", dash: DASHES[index % DASHES.length] ?? [] };
}
