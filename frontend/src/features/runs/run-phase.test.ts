import type { RunState } from "../../api/types";
import { makeRun } from "../../testing/factories";
import { controlOf, elapsedSeconds, failureOf, phaseLabel } from "./run-phase";

const IDLE = { run: null, submitting: false, stopping: false, online: true };

function controlIn(state: RunState): string {
  const { action, label } = controlOf({ ...IDLE, run: makeRun({ state }) });
  return `${action}: ${label}`;
}

test("the one control runs, stops, and waits honestly", () => {
  expect(controlOf(IDLE)).toEqual({ action: "run", label: "Run", hint: null });
  expect(controlIn("queued")).toBe("stop: Stop");
  expect(controlIn("starting")).toBe("stop: Stop");
  expect(controlIn("running")).toBe("stop: Stop");
  expect(controlIn("collecting")).toBe("none: Collecting");
  expect(controlIn("succeeded")).toBe("run: Run");
  expect(controlIn("failed")).toBe("run: Run");
  expect(controlIn("cancelled")).toBe("run: Run");
});

test("while a run is submitted or stopped the control cannot be pressed", () => {
  expect(controlOf({ ...IDLE, submitting: true }).action).toBe("none");
  expect(controlOf({ ...IDLE, run: makeRun(), stopping: true })).toMatchObject({
    action: "none",
    label: "Stopping",
  });
});

test("a run that was being stopped and has ended can be run again", () => {
  const run = makeRun({ state: "cancelled" });
  expect(controlOf({ ...IDLE, run, stopping: true }).action).toBe("run");
});

test("without a connection nothing can be started, and the reason is given", () => {
  expect(controlOf({ ...IDLE, online: false })).toEqual({
    action: "none",
    label: "Run",
    hint: "There is no connection",
  });
});

test("a queued run tells its place", () => {
  expect(phaseLabel(makeRun({ state: "queued", queue_position: 3 }))).toBe("Queued 3");
  expect(phaseLabel(makeRun({ state: "queued" }))).toBe("Queued");
});

test("a queued run tells how long it is likely to wait, once that is known", () => {
  const queued = { state: "queued", queue_position: 2 } as const;
  expect(phaseLabel(makeRun({ ...queued, queue_wait_s: 0 }))).toBe("Queued 2");
  expect(phaseLabel(makeRun({ ...queued, queue_wait_s: 40 }))).toBe("Queued 2, about 40 s");
  expect(phaseLabel(makeRun({ ...queued, queue_wait_s: 170 }))).toBe("Queued 2, about 3 min");
  expect(phaseLabel(makeRun({ ...queued, queue_wait_s: 7000 }))).toBe("Queued 2, about 2 h");
});

test("a failure is told in plain words", () => {
  const message = "Memory limit 512 MB reached; peak 511 MB.";
  expect(failureOf(makeRun({ state: "failed", reason: "out_of_memory", message }))).toEqual({
    title: "Out of memory",
    message,
    limited: true,
  });
  expect(failureOf(makeRun({ state: "failed", reason: "exit_code" }))).toMatchObject({ limited: false });
  expect(failureOf(makeRun({ state: "cancelled" }))).toBeNull();
  expect(failureOf(makeRun({ state: "succeeded" }))).toBeNull();
});

test("the time a run takes counts from its start to its end", () => {
  const run = makeRun({ started_at: "2026-01-01T00:00:10Z" });
  expect(elapsedSeconds(run, Date.parse("2026-01-01T00:00:15Z"))).toBe(5);
  expect(elapsedSeconds({ ...run, finished_at: "2026-01-01T00:00:12Z" }, Date.now())).toBe(2);
  expect(elapsedSeconds(makeRun({ started_at: null }), Date.now())).toBeNull();
});
