import type { Account } from "./admin-api";

export type Quota = Account["quota"];
export type QuotaName = keyof Quota;

/** What each part of a quota is called, in the order in which it is shown. */
export const QUOTA_NAMES: Record<QuotaName, string> = {
  cpus: "CPUs of a run",
  memory_mb: "Memory of a run, MiB",
  disk_mb: "Disk of a run, MiB",
  pids: "Processes of a run",
  timeout_s: "Time of a run, s",
  gpus: "GPUs of a run",
  output_mb: "Output of a run, MiB",
  artifact_mb: "Artifacts of a run, MiB",
  artifact_count: "Artifacts of a run",
  parallel_runs: "Runs at once",
  queued_runs: "Runs in the queue",
  runs_per_day: "Runs a day",
  cpu_s_per_day: "CPU-seconds a day",
  storage_mb: "Storage, MiB",
  weight: "Weight of its turns",
  egress: "Domains that runs may reach",
  images: "Images beside the default one",
};

/** What is typed, by name; a part that is not an override has no entry. */
export type Typed = Partial<Record<QuotaName, string>>;

export function typedFrom(overrides: Account["overrides"]): Typed {
  return Object.fromEntries(
    Object.entries(overrides).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : String(value),
    ]),
  );
}

/** What is typed as the API takes it, and what is not a number by name. */
export function overridesFrom(typed: Typed): {
  overrides: Record<string, number | string[]>;
  wrong: Typed;
} {
  const overrides: Record<string, number | string[]> = {};
  const wrong: Typed = {};
  for (const [name, text] of Object.entries(typed) as [QuotaName, string][]) {
    if (name === "egress" || name === "images") overrides[name] = text.split(/[\s,]+/).filter(Boolean);
    else if (text.trim() === "" || !Number.isFinite(Number(text))) wrong[name] = "Enter a number";
    else overrides[name] = Number(text);
  }
  return { overrides, wrong };
}

/** Each change of the overrides in words, as it is confirmed. */
export function changesBetween(before: Typed, after: Typed): string[] {
  const names = Object.keys(QUOTA_NAMES) as QuotaName[];
  return names
    .filter((name) => before[name] !== after[name])
    .map(
      (name) =>
        `${QUOTA_NAMES[name]}: ${after[name] === undefined ? "the platform's" : after[name] || "none"}`,
    );
}
