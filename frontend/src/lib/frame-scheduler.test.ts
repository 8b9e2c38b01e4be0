import { oncePerFrame } from "./frame-scheduler";

let frames: FrameRequestCallback[];

beforeEach(() => {
  jest.useFakeTimers();
  frames = [];
  jest.spyOn(window, "requestAnimationFrame").mockImplementation((frame) => frames.push(frame));
});

afterEach(() => {
  jest.useRealTimers();
});

test("many changes are flushed once, in the next frame", () => {
  const flush = jest.fn();
  const changed = oncePerFrame(flush);
  for (let i = 0; i < 100; i++) changed();
  expect([frames.length, flush.mock.calls.length]).toEqual([1, 0]);
  frames[0]?.(0);
  expect(flush).toHaveBeenCalledTimes(1);
  changed();
  frames[1]?.(0);
  expect(flush).toHaveBeenCalledTimes(2);
});

test("without frames, as in a background tab, changes are flushed all the same, and only once", () => {
  const flush = jest.fn();
  oncePerFrame(flush)();
  jest.advanceTimersByTime(1000);
  frames[0]?.(0);
  expect(flush).toHaveBeenCalledTimes(1);
});
