import { lineText, type LogStream } from "../lib/ansi-log";
import { makeRun } from "../testing/factories";
import { RunStream } from "./run-stream";

const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;

function chunk(offset: number, text: string, stream: LogStream = "stdout") {
  return { offset, stream, data: bytesOf(text) };
}

const textOf = (stream: RunStream): string => stream.log.lines.map(lineText).join("\n");

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
  expect(stream.log.lines.map(lineText).sort()).toEqual(["oops", "€"]);
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
  expect(stream.metrics.get("loss")).toEqual({ steps: [0, 10], values: [2, 1] });
  expect(stream.metrics.get("acc")).toEqual({ steps: [0, 1], values: [0.5, 0.6] });
});

test("metrics out of order are put in order", () => {
  const stream = new RunStream("r");
  for (const step of [2, 0, 1]) stream.receiveMetric({ name: "loss", step, value: step, time: step });
  expect(stream.metrics.get("loss")).toEqual({ steps: [0, 1, 2], values: [0, 1, 2] });
});

test("a figure, a table or a text is shown once, and nothing of an unknown kind", () => {
  const stream = new RunStream("r");
  for (let round = 0; round < 2; round++) {
    stream.receiveDisplay("image/png", bytesOf("png"));
    stream.receiveDisplay("text/html", bytesOf("<table>"));
    stream.receiveDisplay("text/plain", bytesOf("plain"));
    stream.receiveDisplay("application/x-evil", bytesOf("?"));
  }
  expect(stream.displays).toEqual([
    { number: 1, kind: "image", content: "blob:test" },
    { number: 2, kind: "html", content: "<table>" },
    { number: 3, kind: "text", content: "plain" },
  ]);
});

test("a program that shows a figure at every step does not fill the page's memory", () => {
  const revoked = jest.spyOn(URL, "revokeObjectURL");
  const stream = new RunStream("r");
  for (let i = 0; i < 250; i++) stream.receiveDisplay("image/png", bytesOf(String(i)));
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
