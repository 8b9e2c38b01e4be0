import { levelOf, shareOf, sparkline } from "./share";

test.each([
  [0, 100, "normal"],
  [79, 100, "normal"],
  [80, 100, "high"],
  [94, 100, "high"],
  [95, 100, "critical"],
  [120, 100, "critical"],
  [5, 0, "normal"],
])("%d of %d is %s", (used, limit, level) => {
  expect(levelOf(used, limit)).toBe(level);
});

test("a share is never outside of its bar", () => {
  expect([shareOf(-1, 10), shareOf(5, 10), shareOf(20, 10)]).toEqual([0, 0.5, 1]);
});

test("a line goes from left to right, the limit at its top", () => {
  expect(sparkline([0, 5, 10], 10)).toBe("0,100 50,50 100,0");
  expect(sparkline([10], 10)).toBe("0,0");
});
