import type { RunEvent } from "../../api/types";
import { phasesOf } from "./phases";

function event(state: RunEvent["state"], seconds: number, attempt = 1): RunEvent {
  return { state, attempt, reason: null, time: new Date(seconds * 1000).toISOString() };
}

test("each state lasts until the next", () => {
  const events = [event("queued", 0, 0), event("starting", 3), event("running", 4), event("collecting", 9)];
  const phases = phasesOf([...events, event("succeeded", 10)], 99_000);
  expect(phases.map(({ name, seconds }) => [name, seconds])).toEqual([
    ["Waited in the queue", 3],
    ["Prepared", 1],
    ["Ran", 5],
    ["Collected files", 1],
  ]);
  expect(phases.map(({ from, to }) => [from, to])).toEqual([
    [0, 0.3],
    [0.3, 0.4],
    [0.4, 0.9],
    [0.9, 1],
  ]);
  expect(phases.some(({ isGoingOn }) => isGoingOn)).toBe(false);
});

test("the present one goes on", () => {
  const phases = phasesOf([event("queued", 0), event("starting", 1), event("running", 2)], 12_000);
  expect(phases.at(-1)).toMatchObject({ name: "Ran", seconds: 10, isGoingOn: true, to: 1 });
});

test("a second attempt is told as one", () => {
  const events = [event("queued", 0), event("starting", 1), event("queued", 2), event("starting", 3, 2)];
  expect(phasesOf(events, 4000).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2]);
});

test("a run that was cancelled in the queue only waited", () => {
  const phases = phasesOf([event("queued", 0), event("cancelled", 5)], 99_000);
  expect(phases.map(({ name, seconds }) => [name, seconds])).toEqual([["Waited in the queue", 5]]);
  expect(phasesOf([], 0)).toEqual([]);
});
