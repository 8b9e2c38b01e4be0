import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";

import { nextLimit, type RaisedLimit } from "../../api/next-limit";
import { isTerminal } from "../../api/run-stream";
import type { Me, Run } from "../../api/types";
import { CopyButton } from "../../components/copy-button";
import { Facts } from "../../components/facts";
import { formatBytes, formatMemory, formatTimeLimit, plural } from "../../lib/format";
import { NotesForm } from "./notes-form";
import { Timeline } from "./timeline";

interface OverviewProps {
  run: Run;
  quota: Me["quota"] | undefined;
  /** What the ending is called in plain words; null for one that needs none. */
  failure: string | null;
  isBusy: boolean;
  onRunAgain: (raised: RaisedLimit) => void;
}

/** How a run ended and what could help, when it did what, what it was given and what it used. */
export function Overview({ run, quota, failure, isBusy, onRunAgain }: OverviewProps): React.JSX.Element {
  return (
    <Box sx={{ display: "grid", gap: 3 }}>
      <Ending run={run} quota={quota} failure={failure} isBusy={isBusy} onRunAgain={onRunAgain} />
      <Timeline runId={run.id} isLive={!isTerminal(run.state)} />
      <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" } }}>
        <Section title="Program">
          <Facts facts={programFacts(run)} />
        </Section>
        <Section title="Used, of its limits">
          <Facts facts={usageFacts(run)} />
        </Section>
        {run.metrics.length > 0 && (
          <Section title="Last metrics">
            <Facts
              facts={run.metrics.map(({ name, value }) => [name, value?.toPrecision(6) ?? "not a number"])}
            />
          </Section>
        )}
        <Section title="Notes">
          <NotesForm key={`${run.id}${run.note}${run.tags.join()}`} run={run} />
        </Section>
      </Box>
    </Box>
  );
}

function Ending({ run, quota, failure, isBusy, onRunAgain }: OverviewProps): React.JSX.Element | null {
  if (!isTerminal(run.state)) return null;
  if (!failure)
    return (
      <Alert severity={run.state === "succeeded" ? "success" : "info"}>{run.message ?? run.state}</Alert>
    );
  const next = quota ? nextLimit(run, quota) : null;
  return (
    <Alert severity="error">
      <AlertTitle sx={{ mb: 0 }}>{failure}</AlertTitle>
      {run.message}
      {next?.raised && (
        <Box sx={{ mt: 1 }}>
          <Button
            variant="contained"
            size="small"
            loading={isBusy}
            onClick={() => next.raised && onRunAgain(next.raised)}
          >
            {next.text}
          </Button>
        </Box>
      )}
      {next && !next.raised && <Box sx={{ mt: 1 }}>{next.text}</Box>}
    </Alert>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }): React.JSX.Element {
  return (
    <Box component="section" aria-label={title}>
      <Typography component="h2" variant="subtitle2" gutterBottom>
        {title}
      </Typography>
      {children}
    </Box>
  );
}

function programFacts(run: Run): [string, ReactNode][] {
  const { entrypoint, args, env, datasets, secrets, network, image, host, warm } = run;
  const facts: [string, ReactNode][] = [
    ["Run", <Copied key="run" text={run.id} label="Copy the run's id" />],
    ["Entry point", entrypoint],
    ["Arguments", args.join(" ")],
    [
      "Variables",
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .join(", "),
    ],
    ["Secrets", secrets.join(", ")],
    ["Data", datasets.map(({ name }) => name).join(", ")],
    ["Network", network === "none" ? "none" : "listed domains, by a proxy"],
    ["Image", image.alias ?? "default"],
    [
      "Image digest",
      image.digest && <Copied key="digest" text={image.digest} label="Copy the image's digest" />,
    ],
    ["Host", host && `${host}${warm ? ", in a sandbox that was ready" : ""}`],
    ["Exit code", run.exit_code],
    ["Output", `${formatBytes(run.output.bytes)}${run.output.truncated ? ", cut at its limit" : ""}`],
  ];
  return facts.filter(([, value]) => value !== null && value !== "");
}

function Copied({ text, label }: { text: string; label: string }): React.JSX.Element {
  return (
    <>
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </>
  );
}

function usageFacts({ usage, limits }: Run): [string, ReactNode][] {
  return [
    ["CPU", `${usage.cpu_s.toFixed(1)} CPU-seconds, ${plural(limits.cpus, "core")}`],
    ["Memory", `${formatMemory(usage.peak_memory_mb)} at most, of ${formatMemory(limits.memory_mb)}`],
    ["Disk", `${formatMemory(usage.disk_mb)} at most, of ${formatMemory(limits.disk_mb)}`],
    ["Time limit", formatTimeLimit(limits.timeout_s)],
    ["Processes", `up to ${limits.pids}`],
  ];
}
