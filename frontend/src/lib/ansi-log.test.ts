import { AnsiLog } from "./ansi-log";
import type { LogStream } from "./log-line";

const ESC = "\u001b";

function textOf(log: AnsiLog): string[] {
  return log.lastTexts(Infinity);
}

function logOf(...pieces: [string, LogStream?][]): AnsiLog {
  const log = new AnsiLog();
  for (const [text, stream] of pieces) log.write(text, stream ?? "stdout");
  return log;
}

test("text becomes lines, an unfinished last one included", () => {
  expect(textOf(logOf(["one\ntwo\nthr"]))).toEqual(["one", "two", "thr"]);
});

test("a line may come in pieces, and an empty line is kept", () => {
  expect(textOf(logOf(["he"], ["llo\n\nworld\r\n"]))).toEqual(["hello", "", "world"]);
});

test("a carriage return rewrites the line in place", () => {
  expect(textOf(logOf(["\r 10%"], ["\r 50%"], ["\r100%\ndone\n"]))).toEqual(["100%", "done"]);
});

test("a shorter text after a carriage return leaves the rest, as a terminal does", () => {
  expect(textOf(logOf(["abcdef\rXY"]))).toEqual(["XYcdef"]);
});

test("erasing the line removes what a longer frame left", () => {
  expect(textOf(logOf([`a long frame\r${ESC}[Kshort`]))).toEqual(["short"]);
});

test("backspace and tab move like in a terminal", () => {
  expect(textOf(logOf(["ab\bc\td"]))).toEqual(["ac      d"]);
});

test("nested progress bars stay two lines", () => {
  const log = new AnsiLog();
  for (let outer = 0; outer < 3; outer++) {
    log.write(`\router ${outer}`, "stderr");
    for (let inner = 0; inner < 3; inner++) log.write(`\n\rinner ${inner}${ESC}[A`, "stderr");
  }
  log.write("\n\n", "stderr");
  expect(textOf(log)).toEqual(["outer 2", "inner 2"]);
});

test("an escape sequence may be split anywhere", () => {
  const whole = `${ESC}[1;31mred${ESC}[0m plain`;
  for (let at = 1; at < whole.length; at++) {
    const log = logOf([whole.slice(0, at)], [whole.slice(at)]);
    expect(textOf(log)).toEqual(["red plain"]);
    expect(log.line(1)?.spans[0]).toEqual({ text: "red", style: { bold: true, fg: 1 } });
  }
});

test("titles and links of terminals are dropped, cursor hiding too", () => {
  expect(textOf(logOf([`${ESC}]0;title\u0007a${ESC}]8;;x${ESC}\\b${ESC}[?25lc`]))).toEqual(["abc"]);
});

test("an escape sequence without an end does not swallow the output for ever", () => {
  const log = logOf([`${ESC}]${"x".repeat(5000)}`], ["visible"]);
  expect(textOf(log)).toEqual(["visible"]);
});

test("each stream continues its own line", () => {
  const log = logOf(["half"], ["warning\n", "stderr"], [" whole\n"]);
  expect(textOf(log)).toEqual(["half whole", "warning"]);
  expect([log.line(1)?.stream, log.line(2)?.stream]).toEqual(["stdout", "stderr"]);
});

test("what is printed during a progress bar goes above it", () => {
  const log = logOf(
    ["\r 10%", "stderr"],
    ["epoch 1\n"],
    ["\r 20%", "stderr"],
    ["epoch 2\n"],
    ["\r 30%", "stderr"],
  );
  expect(textOf(log)).toEqual(["epoch 1", "epoch 2", " 30%"]);
});

test("what is printed while the inner of two progress bars is drawn goes above both", () => {
  const log = new AnsiLog();
  log.write(`\router 0\n\rinner 0${ESC}[A`, "stderr");
  log.write("\n\rinner 1", "stderr");
  log.write("printed\n", "stdout");
  log.write(`${ESC}[A\router 1`, "stderr");
  expect(textOf(log)).toEqual(["printed", "outer 1", "inner 1"]);
});

test("a finished progress bar stays where it ended", () => {
  const log = logOf(["\r 50%\r100%\n\r next", "stderr"], ["after\n"]);
  expect(textOf(log)).toEqual(["100%", "after", " next"]);
});

test("a very long line is broken, and nothing of it is lost", () => {
  const log = logOf(["x".repeat(10_000)]);
  expect(log.count).toBe(3);
  expect(textOf(log).join("")).toBe("x".repeat(10_000));
});

test("memory is bounded: the oldest lines go, and the numbering knows", () => {
  const log = new AnsiLog({ maxLines: 1000, maxChars: 1_000_000 });
  for (let i = 1; i <= 10_000; i++) log.write(`line ${i}\n`, "stdout");
  expect(log.count - log.dropped).toBeLessThan(2000);
  expect(log.count).toBe(10_000);
  expect(textOf(log)[0]).toBe(`line ${log.dropped + 1}`);
  expect(textOf(log).at(-1)).toBe("line 10000");
});

test("memory is bounded for few but long lines too", () => {
  const log = new AnsiLog({ maxLines: 100_000, maxChars: 600_000 });
  for (let i = 0; i < 3000; i++) log.write(`${"y".repeat(1000)}\n`, "stdout");
  const kept = textOf(log).reduce((sum, text) => sum + text.length, 0);
  expect(kept).toBeLessThanOrEqual(1_000_000);
});

test("what has been packed away comes out as it was: streams, styles and empty lines too", () => {
  const log = new AnsiLog();
  const write = (number: number): void => {
    const color = number % 8;
    log.write(`plain ${number} ${ESC}[3${color};1mcolour${ESC}[0m end\n`, "stdout");
    log.write(number % 3 === 0 ? "\n" : `warning ${number} €\n`, "stderr");
  };
  for (let number = 0; number < 2000; number++) write(number);
  for (const number of [0, 3, 700, 1999]) {
    const style = { bold: true, fg: number % 8 };
    expect(log.line(2 * number + 1)).toMatchObject({
      stream: "stdout",
      spans: [
        { text: `plain ${number} `, style: {} },
        { text: "colour", style },
        { text: " end", style: {} },
      ],
    });
    const warning = number % 3 === 0 ? "" : `warning ${number} €`;
    expect(log.line(2 * number + 2)).toMatchObject({ stream: "stderr", length: warning.length });
  }
  expect([log.line(0), log.line(4001)]).toEqual([undefined, undefined]);
});

test("each version of a line is told once: at its end, and before it is drawn over", () => {
  const log = new AnsiLog();
  const told: string[] = [];
  log.onText = (text) => told.push(text);
  for (const part of ["one\r\n", " 10%\r", " 50%\r100%", "\nla", "st\n"]) log.write(part, "stdout");
  expect(told).toEqual(["one", " 10%", " 50%", "100%", "last"]);
});

function afterMark(pieces: [string, LogStream][], ...behind: [string, LogStream][]) {
  const log = new AnsiLog();
  for (const [text, stream] of pieces) log.write(text, stream);
  const mark = log.mark();
  for (const [text, stream] of behind) log.write(text, stream);
  const lines = textOf(log);
  return [lines.slice(0, mark?.after), lines.slice(mark?.after)];
}

test("a mark stands between what was printed before and what is printed behind it", () => {
  expect(afterMark([["one\n", "stdout"]], ["two\n", "stdout"])).toEqual([["one"], ["two"]]);
  expect(afterMark([], ["one\n", "stdout"])).toEqual([[], ["one"]]);
});

test("a mark in the middle of a line stands behind that line", () => {
  const before: [string, LogStream][] = [["loss: ", "stdout"]];
  expect(afterMark(before, ["0.5\nnext\n", "stdout"])).toEqual([["loss: 0.5"], ["next"]]);
});

test("a mark stands above a progress bar that is being drawn, and below what was printed above the bar", () => {
  const bar = (percent: number): [string, LogStream] => [`\r${percent}%|###  |`, "stderr"];
  const before: [string, LogStream][] = [bar(10), ["one\n", "stdout"], bar(20)];
  expect(afterMark(before, bar(50), ["two\n", "stdout"], bar(90))).toEqual([["one"], ["two", "90%|###  |"]]);
});

test("a mark stays below a line that another is put before", () => {
  const log = new AnsiLog();
  log.write("kept\nhalf", "stdout");
  const mark = log.mark();
  log.write("\rdrawn", "stdout");
  log.write("note\n", "stderr");
  expect([textOf(log), mark?.after]).toEqual([["kept", "note", "drawn"], 3]);
});

test("there is one mark at a place, and not more than can be looked through", () => {
  const log = new AnsiLog();
  expect(log.mark()).toBe(log.mark());
  for (let number = 0; number < 20_000; number++) {
    log.write("line\n", "stdout");
    log.mark();
  }
  expect([log.marks.count, log.mark()]).toEqual([10_000, null]);
});
