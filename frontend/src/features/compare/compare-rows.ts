import type { Run } from "../../api/types";
import { formatBytes, formatSeconds, formatTimeLimit } from "../../lib/format";

export interface CompareRow {
  /** Unique among all rows. */
  key: string;
  name: string;
  /** One for each run, in order; null where it has none. */
  values: (string | null)[];
  differs: boolean;
}

interface CompareSection {
  title: string;
  rows: CompareRow[];
}

type Values = Record<string, string | null>;

/** What there is to say of each run, side by side. */
export function compareRuns(runs: readonly Run[]): CompareSection[] {
  return [
    section("Parameters", runs.map(paramsOf)),
    section("Program", runs.map(programOf)),
    section("Limits", runs.map(limitsOf)),
    section("Result", runs.map(resultOf)),
    section("Metrics", runs.map(metricsOf)),
  ].filter(({ rows }) => rows.length > 0);
}

/** Only what differs, and only what has `text` in its name. */
export function shownSections(
  sections: readonly CompareSection[],
  diffOnly: boolean,
  text: string,
): CompareSection[] {
  const wanted = text.trim().toLowerCase();
  return sections
    .map(({ title, rows }) => ({
      title,
      rows: rows.filter(({ name, differs }) => (!diffOnly || differs) && name.toLowerCase().includes(wanted)),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function section(title: string, columns: Values[]): CompareSection {
  const names = [...new Set(columns.flatMap((column) => Object.keys(column)))];
  const rows = names.map((name) => {
    const values = columns.map((column) => column[name] ?? null);
    return { key: `${title}/${name}`, name, values, differs: new Set(values).size > 1 };
  });
  return { title, rows };
}

/** Options and variables by name; what stands alone among the arguments by its place. */
export function paramsOf({ args, env }: Pick<Run, "args" | "env">): Values {
  const values: Values = {};
  let place = 0;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const [, name, value] = /^--?([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(arg) ?? [];
    if (!name) values[`argument ${++place}`] = arg;
    else if (value !== undefined) values[name] = value;
    else {
      const next = args[at + 1];
      const isValue = next !== undefined && !/^--?[A-Za-z]/.test(next);
      values[name] = isValue ? next : "yes";
      if (isValue) at++;
    }
  }
  for (const [name, value] of Object.entries(env)) values[`$${name}`] = value;
  return values;
}

function programOf(run: Run): Values {
  return {
    "entry point": run.entrypoint,
    project: run.project,
    ...Object.fromEntries(run.datasets.map(({ id, name }) => [`data: ${name}`, id])),
    secrets: run.secrets.join(", ") || null,
    network: run.network,
    image: run.image.alias ?? "default",
    "image digest": run.image.digest,
  };
}

function limitsOf({ limits }: Run): Values {
  return {
    cpus: String(limits.cpus),
    memory: formatBytes(limits.memory_mb * 2 ** 20),
    disk: formatBytes(limits.disk_mb * 2 ** 20),
    processes: String(limits.pids),
    "time limit": formatTimeLimit(limits.timeout_s),
  };
}

function resultOf(run: Run): Values {
  const { started_at: begin, finished_at: end } = run;
  const seconds = begin && end ? (Date.parse(end) - Date.parse(begin)) / 1000 : null;
  return {
    state: run.state,
    reason: run.reason,
    "exit code": run.exit_code === null ? null : String(run.exit_code),
    duration: seconds === null ? null : formatSeconds(seconds),
    "CPU-seconds": run.usage.cpu_s.toFixed(1),
    "peak memory": formatBytes(run.usage.peak_memory_mb * 2 ** 20),
    artifacts: `${run.artifacts.count}, ${formatBytes(run.artifacts.bytes)}`,
  };
}

function metricsOf({ metrics }: Run): Values {
  return Object.fromEntries(
    metrics.map(({ name, value }) => [
      name,
      value === null ? "not a number" : String(Number(value.toPrecision(6))),
    ]),
  );
}
