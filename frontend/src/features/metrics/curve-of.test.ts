import type { Series } from "../../api/metric-set";
import { csvOf, curveOf, drawingOf, extremesOf, formatValue } from "./curve-of";

const PLAIN = { axis: "step", smoothing: 0, isLog: false } as const;

function makeSeries(changes: Partial<Series> = {}): Series {
  return { source: "reported", steps: [0, 1, 2], values: [3, null, 1], times: [100, 101, 103], ...changes };
}

test("a point stands at its step, at the seconds since the first one, or at its time", () => {
  expect(curveOf(makeSeries(), "step").x).toEqual([0, 1, 2]);
  expect(curveOf(makeSeries(), "relative").x).toEqual([0, 1, 3]);
  expect(curveOf(makeSeries(), "wall").x).toEqual([100, 101, 103]);
});

test("what has no time has no place on an axis of time", () => {
  expect(curveOf(makeSeries({ times: [null, 101, null] }), "wall")).toEqual({ x: [101], y: [null] });
});

test("a value that is no number is a gap that is known", () => {
  expect(drawingOf(makeSeries(), PLAIN, null)).toEqual({
    x: [0, 1, 2],
    raw: [3, null, 1],
    smoothed: null,
    holes: [1],
  });
});

test("a logarithmic axis has no place for what is not above zero", () => {
  const series = makeSeries({ values: [10, 0, -1] });
  expect(drawingOf(series, { ...PLAIN, isLog: true }, null).raw).toEqual([10, null, null]);
});

test("a zoomed chart draws its stretch in full, with the neighbours that lead into it", () => {
  const steps = Array.from({ length: 50_000 }, (_, step) => step);
  const series = makeSeries({ steps, values: steps, times: steps });
  expect(drawingOf(series, PLAIN, null).x.length).toBeLessThanOrEqual(2000);
  const { x } = drawingOf(series, PLAIN, [100, 200]);
  expect([x[0], x.at(-1), x.length]).toEqual([99, 201, 103]);
});

test("the raw curve stays beside the smoothed one", () => {
  const { raw, smoothed } = drawingOf(makeSeries({ values: [0, 10, 0] }), { ...PLAIN, smoothing: 0.5 }, null);
  expect(raw).toEqual([0, 10, 0]);
  expect(smoothed?.[1]).toBeCloseTo(6.667, 3);
});

test("last, lowest and highest value pass over what is no number", () => {
  expect(extremesOf(makeSeries())).toEqual({ last: 1, min: 1, max: 3 });
  expect(extremesOf(makeSeries({ values: [null] }))).toEqual({ last: null, min: null, max: null });
  expect([formatValue(0.123456789), formatValue(null)]).toEqual(["0.12346", "not a number"]);
});

test("a series goes out as a table", () => {
  expect(csvOf(makeSeries())).toBe("step,time,value\n0,100,3\n1,101,\n2,103,1\n");
});
