import { AnsiLog } from "./ansi-log";
import { MARK_ROWS } from "./log-marks";
import { RowIndex } from "./row-index";

function logOf(lengths: number[], limits?: { maxLines: number; maxChars: number }): AnsiLog {
  const log = new AnsiLog(limits);
  for (const length of lengths) log.write(`${"x".repeat(length)}\n`, "stdout");
  return log;
}

const LENGTHS = Array.from({ length: 2000 }, (_, index) => (index * 37) % 251);

test.each([Infinity, 100, 7])("with %d columns each line stands where those before it end", (columns) => {
  const index = new RowIndex(logOf(LENGTHS), columns);
  index.update();
  let row = 0;
  LENGTHS.forEach((length, at) => {
    expect(index.rowOf(at + 1)).toBe(row);
    expect(index.lineAt(row)).toEqual({ number: at + 1, row });
    const rows = Math.max(1, Math.ceil(length / columns));
    expect(index.lineAt(row + rows - 1)).toEqual({ number: at + 1, row });
    row += rows;
  });
  expect(index.total()).toBe(row);
});

test.each([Infinity, 7])(
  "with %d columns what stands at marks takes its rows between the lines",
  (columns) => {
    const log = new AnsiLog();
    log.mark();
    LENGTHS.forEach((length, at) => {
      log.write(`${"x".repeat(length)}\n`, "stdout");
      if (at % 97 === 3) log.mark();
    });
    const index = new RowIndex(log, columns);
    index.update();
    expect(index.lineAt(0)).toEqual({ number: 0, row: 0 });
    expect([index.lineAt(MARK_ROWS - 1).number, index.lineAt(MARK_ROWS).number]).toEqual([0, 1]);
    let row = MARK_ROWS;
    LENGTHS.forEach((length, at) => {
      expect(index.rowOf(at + 1)).toBe(row);
      expect(index.lineAt(row)).toEqual({ number: at + 1, row });
      const rows = Math.max(1, Math.ceil(length / columns)) + (at % 97 === 3 ? MARK_ROWS : 0);
      expect(index.rowsOf(at + 1)).toBe(rows);
      expect(index.lineAt(row + rows - 1)).toEqual({ number: at + 1, row });
      row += rows;
    });
    expect(index.total()).toBe(row);
  },
);

test("a mark behind the last line takes its rows at the end, one in an empty log at the top", () => {
  const log = new AnsiLog();
  const index = new RowIndex(log, Infinity);
  expect(index.total()).toBe(0);
  log.mark();
  expect([index.total(), index.lineAt(3).number]).toEqual([MARK_ROWS, 0]);
  log.write("one\n", "stdout");
  log.mark();
  expect([index.total(), index.rowOf(1)]).toEqual([2 * MARK_ROWS + 1, MARK_ROWS]);
});

test("a row beyond the end is the last line's, one above the top the first's", () => {
  const index = new RowIndex(logOf([1, 1, 1]), Infinity);
  index.update();
  expect([index.lineAt(99), index.lineAt(-5)]).toEqual([
    { number: 3, row: 2 },
    { number: 1, row: 0 },
  ]);
});

test("lines that are dropped take their rows with them, and it is known how many", () => {
  const log = logOf([], { maxLines: 512, maxChars: 1_000_000 });
  const index = new RowIndex(log, 10);
  for (let i = 0; i < 3000; i++) {
    log.write(`${"x".repeat(15)}\n`, "stdout");
    if (i % 100 === 0) index.update();
  }
  index.update();
  expect(log.dropped).toBeGreaterThan(2000);
  expect(index.removed).toBe(2 * log.dropped);
  expect(index.lineAt(0)).toEqual({ number: log.dropped + 1, row: 0 });
  expect(index.total()).toBe(2 * (3000 - log.dropped));
});

test("marks go with the lines that are dropped, and their rows with them", () => {
  const log = logOf([], { maxLines: 512, maxChars: 1_000_000 });
  const index = new RowIndex(log, Infinity);
  const total = 3000;
  for (let number = 1; number <= total; number++) {
    log.write("line\n", "stdout");
    if (number % 100 === 0) log.mark();
    index.update();
  }
  const gone = Math.ceil(log.dropped / 100) - 1;
  expect([log.marks.dropped, log.marks.count]).toEqual([gone, total / 100 - gone]);
  expect(index.removed).toBe(log.dropped + MARK_ROWS * gone);
  expect(index.removed + index.total()).toBe(total + MARK_ROWS * (total / 100));
});
