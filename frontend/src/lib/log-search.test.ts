import { AnsiLog } from "./ansi-log";
import { lineTest, LogSearcher, matchRanges, nextMatch, type LogQuery } from "./log-search";

function query(text: string, changes: Partial<LogQuery> = {}): LogQuery {
  return { text, isRegex: false, isCaseSensitive: false, ...changes };
}

function found(log: AnsiLog, wanted: LogQuery): number[] {
  const test = lineTest(wanted);
  if (!test) return [];
  const searcher = new LogSearcher(log, test);
  searcher.work(() => false);
  return searcher.matches();
}

test("lines are found whatever the case, the colours, and how they were written", () => {
  const log = new AnsiLog();
  log.write("Loss 1\nother\n\u001b[31mlo\u001b[0mss 2\nLOSS 3", "stdout");
  expect(found(log, query("loss"))).toEqual([1, 3, 4]);
  expect(found(log, query("LOSS", { isCaseSensitive: true }))).toEqual([4]);
  expect(found(log, query("^l.*[12]$", { isRegex: true }))).toEqual([1, 3]);
  expect(found(log, query(""))).toEqual([]);
});

test("a plain text is no pattern, and a pattern that is none is refused", () => {
  const log = new AnsiLog();
  log.write("a.c [x]\nabc\n", "stdout");
  expect(found(log, query("a.c ["))).toEqual([1]);
  expect(() => lineTest(query("(", { isRegex: true }))).toThrow(SyntaxError);
});

test("the whole of a long log is searched, a slice at a time, while it grows", () => {
  const log = new AnsiLog();
  const write = (from: number, to: number): void => {
    for (let number = from; number <= to; number++) log.write(`line ${number}\n`, "stdout");
  };
  write(1, 5000);
  const test = lineTest(query("line \\d*99$", { isRegex: true }));
  const searcher = new LogSearcher(log, test as NonNullable<typeof test>);
  searcher.work(() => true);
  expect([searcher.isDone, searcher.matches()]).toEqual([false, [99, 199]]);
  write(5001, 6000);
  while (!searcher.isDone) searcher.work(() => true);
  expect(searcher.matches()).toEqual(Array.from({ length: 60 }, (_, index) => 100 * index + 99));
});

test("matches in lines that were dropped are no matches any more", () => {
  const log = new AnsiLog({ maxLines: 512, maxChars: 1_000_000 });
  const searcher = new LogSearcher(log, () => true);
  for (let number = 1; number <= 3000; number++) {
    log.write("x\n", "stdout");
    if (number % 50 === 0) searcher.work(() => false);
  }
  searcher.work(() => false);
  expect([searcher.matches()[0], searcher.matches().at(-1)]).toEqual([log.dropped + 1, 3000]);
  expect(searcher.matches().length).toBe(3000 - log.dropped);
});

test("each match within a line is known by its place, and none is empty", () => {
  expect(matchRanges(query("ab"), "abcABab")).toEqual([
    [0, 2],
    [3, 5],
    [5, 7],
  ]);
  expect(matchRanges(query("x*", { isRegex: true }), "axxb")).toEqual([[1, 3]]);
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
