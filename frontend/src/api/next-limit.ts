import type { Limits, Me, Run } from "./types";

/** What could help a run that met one of its limits. */
interface NextLimit {
  /** What to run again with; null when the quota leaves no room. */
  raised: RaisedLimit | null;
  /** The button's text, or why there is no button. */
  text: string;
}

type Quota = Pick<Me["quota"], "memory_mb" | "disk_mb" | "timeout_s">;
type Raised = keyof Quota;
/** The one limit that is raised, with its new value. */
export type RaisedLimit = Partial<Pick<Limits, Raised>>;

const RAISED: Partial<Record<NonNullable<Run["reason"]>, Raised>> = {
  out_of_memory: "memory_mb",
  disk_limit: "disk_mb",
  timeout: "timeout_s",
};
const NAMES: Record<Raised, string> = { memory_mb: "memory", disk_mb: "disk", timeout_s: "time limit" };

/** Twice the limit that was met, within the quota; null when the run met none that its owner can raise. */
export function nextLimit(
  { reason, limits }: Pick<Run, "reason" | "limits">,
  quota: Quota,
): NextLimit | null {
  const name = reason ? RAISED[reason] : undefined;
  if (!name) return null;
  const raised = Math.min(2 * limits[name], quota[name]);
  if (raised <= limits[name]) {
    const text = `Your quota allows no more than ${amount(name, quota[name])}: make the program need less, or ask an operator for more.`;
    return { raised: null, text };
  }
  return {
    raised: { [name]: raised },
    text: `Raise ${NAMES[name]} to ${amount(name, raised)} and run again`,
  };
}

/** In the words of the server's messages, for which a MB is what the limit counts in. */
function amount(name: Raised, value: number): string {
  if (name === "timeout_s") {
    if (value % 3600 === 0) return `${value / 3600} h`;
    return value % 60 === 0 ? `${value / 60} min` : `${value} s`;
  }
  return value >= 1024 ? `${Math.round((value / 1024) * 100) / 100} GB` : `${value} MB`;
}
