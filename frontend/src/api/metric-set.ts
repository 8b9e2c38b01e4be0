import { downsample } from "../lib/downsample";
import { parseMetricLine } from "../lib/metric-line";

export interface MetricPoint {
  name: string;
  step: number | null;
  /** Null for what is not a finite number. */
  value: number | null;
  /** Seconds since 1970. */
  time: number | null;
}

/** One curve, in the order of its steps. */
export interface Series {
  /** Whether the program reported it, or it was recognised in what the program printed. */
  source: "reported" | "output";
  steps: number[];
  /** Null for what is not a finite number. */
  values: (number | null)[];
  /** Seconds since 1970; null where it is not known, as for what was printed. */
  times: (number | null)[];
}

/** More curves from output than this are no metrics but a table. */
const MAX_RECOGNISED = 40;
/** A program may print a value with each of a million lines; a curve that has more points is thinned out to half. */
const MAX_PRINTED_POINTS = 20_000;

/** The metrics of one run. What the program reports under a name wins over what is read in its output under the same. */
export class MetricSet {
  readonly series = new Map<string, Series>();
  private readonly seen = new Set<string>();

  /**
   * Takes a reported value; says whether that changed anything. A known step replaces what was there, and a point without
   * a step (it then counts up) is told from a replay by its time.
   */
  report({ name, step, value, time }: MetricPoint): boolean {
    let series = this.series.get(name);
    if (series?.source !== "reported") this.series.set(name, (series = emptySeries("reported")));
    if (step === null && this.isReplay(`${name}@${time ?? ""}`)) return false;
    insert(series, step ?? (series.steps.at(-1) ?? -1) + 1, value, time);
    return true;
  }

  /** Reads a line of output; takes the metrics that are in it. Steps that begin again go on counting. */
  recognise(line: string): void {
    const found = parseMetricLine(line);
    if (!found) return;
    for (const [name, value] of found.values) {
      let series = this.series.get(name);
      if (series?.source === "reported" || (!series && this.series.size >= MAX_RECOGNISED)) continue;
      if (!series) this.series.set(name, (series = emptySeries("output")));
      const last = series.steps.at(-1) ?? -Infinity;
      insert(series, found.step >= last ? found.step : last + 1, value, null);
      if (series.steps.length > MAX_PRINTED_POINTS) thin(series);
    }
  }

  private isReplay(key: string): boolean {
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    return false;
  }
}

function emptySeries(source: Series["source"]): Series {
  return { source, steps: [], values: [], times: [] };
}

/** Keeps the lowest and the highest of each stretch, and the latest. */
function thin(series: Series): void {
  const latest = { step: series.steps.at(-1) ?? 0, value: series.values.at(-1) ?? null };
  const { x, y } = downsample({ x: series.steps, y: series.values }, MAX_PRINTED_POINTS / 2);
  series.steps = x;
  series.values = y;
  series.times = x.map(() => null);
  insert(series, latest.step, latest.value, null);
}

function insert(series: Series, step: number, value: number | null, time: number | null): void {
  let at = series.steps.length;
  while (at > 0 && (series.steps[at - 1] as number) > step) at--;
  if (series.steps[at - 1] === step) {
    series.values[at - 1] = value;
    series.times[at - 1] = time;
    return;
  }
  series.steps.splice(at, 0, step);
  series.values.splice(at, 0, value);
  series.times.splice(at, 0, time);
}
