import { throttled } from "./throttled";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function source() {
  const listeners = new Set<() => void>();
  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: () => listeners.forEach((listener) => listener()),
    listeners,
  };
}

test("the first change is told at once, many more as one, and the last is never missed", () => {
  const { subscribe, tell } = source();
  const told = jest.fn();
  throttled(subscribe, 250)(told);
  for (let i = 0; i < 50; i++) tell();
  expect(told).toHaveBeenCalledTimes(1);
  jest.advanceTimersByTime(250);
  expect(told).toHaveBeenCalledTimes(2);
  jest.advanceTimersByTime(1000);
  tell();
  expect(told).toHaveBeenCalledTimes(3);
});

test("after leaving nothing is told", () => {
  const { subscribe, tell, listeners } = source();
  const told = jest.fn();
  const leave = throttled(subscribe, 250)(told);
  tell();
  tell();
  leave();
  jest.advanceTimersByTime(1000);
  expect([told.mock.calls.length, listeners.size]).toEqual([1, 0]);
});
