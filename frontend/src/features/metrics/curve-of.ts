import type { Series } from "../../api/metric-set";
import { downsample, smooth, type Curve } from "../../lib/downsample";

export type Axis = "step" | "relative" | "wall";

export interface Look {
  axis: Axis;
  /** From 0 (none) to below 1. */
  smoothing: number;
  isLog: boolean;
}

/** What a chart draws: columns of equal length, and where values are that are no numbers. */
export interface Drawing {
  x: number[];
  raw: (number | null)[];
  /** Null when nothing is smoothed. */
  smoothed: (number | null)[] | null;
  holes: number[];
}

/** A screen is not wider. */
const MOST_POINTS = 2000;

/** The points of a series at their places on an axis; those whose time is not known have none on an axis of time. */
export function curveOf(series: Series, axis: Axis): Curve {
  if (axis === "step") return { x: series.steps, y: series.values };
  const begin = series.times.find((time) => time !== null) ?? 0;
  const points = series.times.flatMap((time, at) =>
    time === null ? [] : [{ x: axis === "wall" ? time : time - begin, y: series.values[at] ?? null }],
  );
  points.sort((a, b) => a.x - b.x);
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

/** The series as it is drawn between two places of the axis (null: all of it), thinned out to what can be seen. */
export function drawingOf(series: Series, look: Look, zoom: [number, number] | null): Drawing {
  const whole = curveOf(series, look.axis);
  const seen = zoom ? between(whole, zoom) : whole;
  const holes = seen.x.filter((_x, at) => seen.y[at] === null);
  const { x, y } = downsample(seen, MOST_POINTS);
  const raw = look.isLog ? y.map((value) => (value !== null && value > 0 ? value : null)) : y;
  return { x, raw, smoothed: look.smoothing > 0 ? smooth(raw, look.smoothing) : null, holes };
}

function between({ x, y }: Curve, [from, to]: [number, number]): Curve {
  const first = Math.max(0, x.findIndex((at) => at >= from) - 1);
  const last = x.findLastIndex((at) => at <= to) + 2;
  return { x: x.slice(first, last), y: y.slice(first, last) };
}

interface Extremes {
  last: number | null;
  min: number | null;
  max: number | null;
}

export function extremesOf(series: Series): Extremes {
  let min: number | null = null;
  let max: number | null = null;
  for (const value of series.values) {
    if (value === null) continue;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
  }
  return { last: series.values.at(-1) ?? null, min, max };
}

/** Five digits are enough to read; what is no number is named, not hidden. */
export function formatValue(value: number | null): string {
  return value === null ? "not a number" : String(Number(value.toPrecision(5)));
}

/** A table for other programs: step, time in seconds since 1970 and value; empty where there is none. */
export function csvOf(series: Series): string {
  const rows = series.steps.map((step, at) =>
    [step, series.times[at] ?? "", series.values[at] ?? ""].join(","),
  );
  return ["step,time,value", ...rows, ""].join("\n");
}
