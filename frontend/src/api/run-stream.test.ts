import type { LogStream } from "../lib/log-line";
import { makeRun } from "../testing/factories";
import { RunStream } from "./run-stream";

const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;

function chunk(offset: number, text: string, stream: LogStream = "stdout") {
  return { offset, stream, data: bytesOf(text) };
}

const textOf = (stream: RunStream): string => stream.log.lastTexts(Infinity).join("\n");

test("chunks in order are taken and move the offset", () => {
  const stream = new RunStream("r");
  expect(stream.receive(chunk(0, "ab"))).toBe("taken");
  expect(stream.receive(chunk(2, "cd"))).toBe("taken");
  expect([textOf(stream), stream.offset]).toEqual(["abcd", 4]);
});

test("what was already taken is dropped, also where a chunk only overlaps", () => {
  const stream = new RunStream("r");
  stream.receive(chunk(0, "abcd"));
  expect(stream.receive(chunk(0, "abcd"))).toBe("duplicate");
  expect(stream.receive(chunk(2, "cdEF"))).toBe("taken");
  expect([textOf(stream), stream.offset]).toEqual(["abcdEF", 6]);
});

test("a gap is reported and changes nothing", () => {
  const stream = new RunStream("r");
  stream.receive(chunk(0, "ab"));
  expect(stream.receive(chunk(5, "late"))).toBe("gap");
  expect([textOf(stream), stream.offset]).toEqual(["ab", 2]);
});

test("a character split across chunks is put together, whatever the other stream says in between", () => {
  const stream = new RunStream("r");
  const [first, second, third] = [...new TextEncoder().encode("€")] as [number, number, number];
  stream.receive({ offset: 0, stream: "stdout", data: new Uint8Array([first, second]).buffer });
  stream.receive(chunk(2, "oops\n", "stderr"));
  stream.receive({ offset: 7, stream: "stdout", data: new Uint8Array([third]).buffer });
  expect(stream.log.lastTexts(Infinity).sort()).toEqual(["oops", "€"]);
});

test("bytes that are not text do not stop the rest", () => {
  const stream = new RunStream("r");
  stream.receive({ offset: 0, stream: "stdout", data: new Uint8Array([0xff, 0xfe, 0x41]).buffer });
  expect([textOf(stream), stream.offset]).toEqual(["\ufffd\ufffdA", 3]);
});

test("the platform's own lines are shown once and are no part of the offsets", () => {
  const stream = new RunStream("r");
  stream.receive(chunk(0, "ab\n"));
  stream.receive(chunk(3, "image pulled", "system"));
  stream.receive(chunk(3, "image pulled", "system"));
  expect([textOf(stream), stream.offset]).toEqual(["ab\nimage pulled", 3]);
});

test("a replay of metrics leaves the curve as it is", () => {
  const stream = new RunStream("r");
  for (let round = 0; round < 2; round++) {
    stream.receiveMetric({ name: "loss", step: 0, value: 2, time: 1 });
    stream.receiveMetric({ name: "loss", step: 10, value: 1, time: 2 });
    stream.receiveMetric({ name: "acc", step: null, value: 0.5, time: 1 });
    stream.receiveMetric({ name: "acc", step: null, value: 0.6, time: 2 });
  }
  expect(stream.metrics.get("loss")).toMatchObject({ steps: [0, 10], values: [2, 1], times: [1, 2] });
  expect(stream.metrics.get("acc")).toMatchObject({ steps: [0, 1], values: [0.5, 0.6], times: [1, 2] });
});

test("metrics out of order are put in order", () => {
  const stream = new RunStream("r");
  for (const step of [2, 0, 1]) stream.receiveMetric({ name: "loss", step, value: step, time: step });
  expect(stream.metrics.get("loss")).toMatchObject({ steps: [0, 1, 2], values: [0, 1, 2] });
});

test("metrics are read in the output, however it was cut into chunks", () => {
  const text = "epoch 1 loss 0.5\nplain 7\nepoch 2 loss 0.25\n";
  for (const size of [1, 7, 100]) {
    const stream = new RunStream("r");
    for (let at = 0; at < text.length; at += size) stream.receive(chunk(at, text.slice(at, at + size)));
    expect([...stream.metrics]).toEqual([
      ["loss", { source: "output", steps: [1, 2], values: [0.5, 0.25], times: [null, null] }],
    ]);
  }
});

test.each(["before", "after"])("what the program reports %s a line of output wins over the line", (when) => {
  const stream = new RunStream("r");
  const report = () => stream.receiveMetric({ name: "loss", step: 1, value: 2, time: 1 });
  if (when === "before") report();
  stream.receive(chunk(0, "epoch 1 loss 0.5\n"));
  if (when === "after") report();
  expect(stream.metrics.get("loss")).toEqual({ source: "reported", steps: [1], values: [2], times: [1] });
});

test("a value printed with each of very many lines leaves a curve that is thinned out, its peak and its end kept", () => {
  const stream = new RunStream("r");
  const lines = Array.from({ length: 100_000 }, (_, step) => `step ${step} loss ${step === 777 ? 9 : 1}\n`);
  stream.receive(chunk(0, lines.join("")));
  const series = stream.metrics.get("loss");
  expect(series?.steps.length).toBeLessThanOrEqual(20_001);
  expect([series?.steps.at(-1), series?.steps[series.values.indexOf(9)]]).toEqual([99_999, 777]);
});

test("nested progress bars are told while the run goes on, with the values behind them", () => {
  const stream = new RunStream("r");
  stream.receiveState(makeRun());
  const outer = "\repoch:  50%|#####     | 1/2 [00:01<00:01,  1.0it/s]";
  const inner = "\n\rbatch:  30%|###       | 3/10 [00:00<00:01, 9.0it/s, loss=0.5]\u001b[A";
  stream.receive(chunk(0, outer + inner, "stderr"));
  expect(stream.progress().map(({ label, percent, left }) => [label, percent, left])).toEqual([
    ["epoch", 50, "00:01"],
    ["batch", 30, "00:01"],
  ]);
  stream.receiveState(makeRun({ state: "succeeded" }));
  expect(stream.progress()).toEqual([]);
});

test("what a run uses is kept for a while", () => {
  const stream = new RunStream("r");
  for (let at = 0; at < 1000; at++) stream.receiveUsage({ cpu: 1, memory_mb: at }, at);
  expect([stream.usageSamples.length, stream.usage?.memory_mb]).toEqual([600, 999]);
});

function show(stream: RunStream, number: number, media_type: string, text: string, offset = 0): void {
  stream.receiveDisplay({ number, offset, media_type, data: bytesOf(text) });
}

test("a replay shows nothing twice, and nothing of an unknown kind is shown at all", () => {
  const stream = new RunStream("r");
  for (let round = 0; round < 2; round++) {
    show(stream, 1, "image/png", "png");
    show(stream, 2, "application/x-evil", "?");
    show(stream, 3, "text/html", "<table>");
    show(stream, 4, "text/plain", "plain");
  }
  expect(stream.displays).toEqual([
    { number: 1, kind: "image", mediaType: "image/png", content: "blob:test", mark: { after: 0 } },
    { number: 3, kind: "html", mediaType: "text/html", content: "<table>", mark: null },
    { number: 4, kind: "text", mediaType: "text/plain", content: "plain", mark: null },
  ]);
});

test("the same figure shown twice is there twice", () => {
  const stream = new RunStream("r");
  show(stream, 1, "image/png", "same");
  show(stream, 2, "image/png", "same");
  expect(stream.displays.map(({ number }) => number)).toEqual([1, 2]);
});

test("a figure stands between the lines before and behind it, after a reconnect in the middle as well", () => {
  const stream = new RunStream("r");
  stream.receive(chunk(0, "one\ntwo\n"));
  show(stream, 1, "image/png", "a", 8);
  stream.receive(chunk(8, "three\n"));
  show(stream, 1, "image/png", "a", 8);
  show(stream, 2, "image/png", "b", 14);
  expect(stream.displays.map(({ mark }) => mark?.after)).toEqual([2, 3]);
});

test("a figure whose output is missing waits until it comes again behind that output", () => {
  const stream = new RunStream("r");
  expect(stream.receive(chunk(4, "two\n"))).toBe("gap");
  show(stream, 1, "image/png", "a", 8);
  expect(stream.displays).toEqual([]);
  stream.receive(chunk(0, "one\ntwo\n"));
  show(stream, 1, "image/png", "a", 8);
  expect(stream.displays.map(({ mark }) => mark?.after)).toEqual([2]);
});

test("a program that shows a figure at every step does not fill the page's memory", () => {
  const revoked = jest.spyOn(URL, "revokeObjectURL");
  const stream = new RunStream("r");
  for (let i = 1; i <= 250; i++) show(stream, i, "image/png", String(i));
  expect([stream.displays.length, stream.displays[0]?.number, revoked.mock.calls.length]).toEqual([
    200, 51, 50,
  ]);
});

test("a state that comes late does not bring an ended run back", () => {
  const stream = new RunStream("r");
  stream.receiveState(makeRun({ state: "cancelled" }));
  stream.receiveState(makeRun({ state: "running" }));
  expect(stream.run?.state).toBe("cancelled");
});

test("subscribers are told once per frame, however much has come", () => {
  const frames: FrameRequestCallback[] = [];
  jest.spyOn(window, "requestAnimationFrame").mockImplementation((frame) => frames.push(frame));
  const stream = new RunStream("r");
  const told = jest.fn();
  stream.subscribe(told);
  for (let i = 0; i < 100; i++) stream.receive(chunk(i, "x"));
  expect([frames.length, told.mock.calls.length]).toEqual([1, 0]);
  frames[0]?.(0);
  expect([stream.getVersion(), told.mock.calls.length]).toEqual([1, 1]);
});
