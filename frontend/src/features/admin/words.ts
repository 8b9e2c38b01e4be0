import { formatBytes, formatMemory, plural } from "../../lib/format";
import type { AuditFilter, Host, Setting, WaitingRun } from "./admin-api";

/** Seconds as people say them: null -> "–", 0.42 -> "0.4 s". */
export function formatWait(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** How many of the ended runs failed: 1 of 4 -> "25 %". */
export function formatRate(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(part > 0 && part / whole < 0.1 ? 1 : 0)} %`;
}

/** What a host says of itself, in a line: its processors and memory first. */
export function factsOf({ facts }: Host): string {
  const { cpus, memory_bytes, version, error } = facts as Record<string, unknown>;
  if (typeof error === "string") return error;
  const parts = [
    typeof cpus === "number" && `${cpus} CPUs`,
    typeof memory_bytes === "number" && formatBytes(memory_bytes),
    typeof version === "string" && `engine ${version}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

export type AnyRun = Pick<WaitingRun, "id" | "owner_email" | "limits" | "network">;

/** What a run asks for, in a line. */
export function needsOf({ limits, network }: AnyRun): string {
  const parts = [plural(limits.cpus, "CPU"), formatMemory(limits.memory_mb)];
  return [...parts, ...(network === "egress" ? ["network"] : [])].join(" · ");
}

/** A setting's value in words; a secret's is never known here. */
export function valueOf({ secret, is_set, value }: Setting): string {
  if (secret) return is_set ? "(set, not shown)" : "(not set)";
  if (value === null || value === undefined || value === "") return "(not set)";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1).replace(/\s+/g, " ");
}

/** What is typed as the API takes it: times with their zone. */
export function filterFrom(typed: AuditFilter): AuditFilter {
  const time = (local: string): string => (local ? new Date(local).toISOString() : "");
  return {
    actor: typed.actor.trim(),
    verb: typed.verb.trim(),
    thing: typed.thing.trim(),
    since: time(typed.since),
    until: time(typed.until),
  };
}
