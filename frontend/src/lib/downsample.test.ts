import { downsample, smooth } from "./downsample";

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test("a short curve stays as it is", () => {
  const curve = { x: [1, 2], y: [3, null] };
  expect(downsample(curve, 10)).toEqual(curve);
});

test("a long curve keeps its order, its peaks and its gaps", () => {
  const y = range(100_000).map((at) =>
    at === 31_415 ? 99 : at === 27_182 ? -99 : at === 5 ? null : Math.sin(at / 900),
  );
  const thin = downsample({ x: range(100_000), y }, 2000);
  expect(thin.x.length).toBeLessThanOrEqual(2002);
  expect(thin.x).toEqual([...thin.x].sort((a, b) => a - b));
  expect(thin.y[thin.x.indexOf(31_415)]).toBe(99);
  expect(thin.y[thin.x.indexOf(27_182)]).toBe(-99);
  expect(thin.y[thin.x.indexOf(5)]).toBeNull();
});

test("smoothing calms a curve, keeps its level and passes over gaps", () => {
  expect(smooth([1, 2, 3], 0)).toEqual([1, 2, 3]);
  expect(smooth([5, null, 5, 5], 0.9).map((value) => value && Math.round(value * 1e6) / 1e6)).toEqual([
    5,
    null,
    5,
    5,
  ]);
  const calm = smooth([0, 10, 0, 10, 0, 10, 0, 10], 0.9).slice(2) as number[];
  expect(Math.max(...calm) - Math.min(...calm)).toBeLessThan(4);
});
