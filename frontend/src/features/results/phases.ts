import type { RunEvent, RunState } from "../../api/types";

export interface Phase {
  name: string;
  seconds: number;
  /** Of the time that the whole has taken. */
  from: number;
  to: number;
  isGoingOn: boolean;
  /** Above 1 when the run was begun anew. */
  attempt: number;
}

const NAMES: Partial<Record<RunState, string>> = {
  queued: "Waited in the queue",
  starting: "Prepared",
  running: "Ran",
  collecting: "Collected files",
};

/** How long a run was in each of its states; the present one lasts until `now` (milliseconds). */
export function phasesOf(events: readonly RunEvent[], now: number): Phase[] {
  const first = events[0];
  if (!first) return [];
  const begin = Date.parse(first.time);
  const last = events.at(-1);
  const end =
    last && NAMES[last.state] ? Math.max(now, Date.parse(last.time)) : Date.parse(last?.time ?? first.time);
  const whole = Math.max(1, end - begin);
  return events.flatMap(({ state, time, attempt }, index) => {
    const name = NAMES[state];
    if (!name) return [];
    const next = events[index + 1];
    const start = Date.parse(time);
    const stop = next ? Date.parse(next.time) : end;
    return [
      {
        name,
        seconds: (stop - start) / 1000,
        from: (start - begin) / whole,
        to: (stop - begin) / whole,
        isGoingOn: !next,
        attempt: Math.max(1, attempt),
      },
    ];
  });
}
