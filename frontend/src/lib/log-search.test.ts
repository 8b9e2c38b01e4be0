import { AnsiLog } from "./ansi-log";
import { matchingLines, nextMatch } from "./log-search";

test("lines are found whatever the case, the colours, and how they were written", () => {
  const log = new AnsiLog();
  log.write("Loss 1\nother\n\u001b[31mlo\u001b[0mss 2\nLOSS 3", "stdout");
  expect(matchingLines(log.lines, "loss")).toEqual([0, 2, 3]);
  expect(matchingLines(log.lines, "")).toEqual([]);
});

test.each([
  [null, false, 2],
  [null, true, 9],
  [2, false, 5],
  [3, false, 5],
  [9, false, 2],
  [2, true, 9],
  [6, true, 5],
])("from %j, backwards %j, the next match is %j", (from, backwards, next) => {
  expect(nextMatch([2, 5, 9], from, backwards)).toBe(next);
});

test("where nothing matches there is no next match", () => {
  expect(nextMatch([], 3, false)).toBeNull();
});
