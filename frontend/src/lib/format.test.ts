import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatMemory,
  formatSeconds,
  formatTimeLimit,
  plural,
} from "./format";

test.each([
  [0.0404, "40 ms"],
  [4.21, "4.2 s"],
  [61, "61 s"],
  [279.6, "4 min 40 s"],
])("%d s took %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [5 * 1024 * 1024, "5.0 MiB"],
  [3 * 1024 ** 3, "3.0 GiB"],
])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [512, "512 MiB"],
  [2048, "2 GiB"],
  [1536, "1.5 GiB"],
])("%d MiB are %s", (mebibytes, text) => expect(formatMemory(mebibytes)).toBe(text));

test.each([
  [0, "00:00"],
  [272, "04:32"],
  [3725, "1:02:05"],
  [-3, "00:00"],
])("%d s last %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test.each([
  [90, "90 s"],
  [600, "10 min"],
  [7200, "2 h"],
])("a limit of %d s is %s", (seconds, text) => expect(formatTimeLimit(seconds)).toBe(text));

test("past times are told in words", () => {
  const then = "2026-01-01T00:00:00Z";
  const at = (seconds: number): string => formatAgo(then, Date.parse(then) + seconds * 1000);
  expect([at(3), at(300), at(7200)]).toEqual(["just now", "5 min ago", "2 h ago"]);
});

test("one is singular, all else plural", () => {
  expect([plural(1, "line"), plural(1200, "line")]).toEqual(["1 line", "1,200 lines"]);
});
