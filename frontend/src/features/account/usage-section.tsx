import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";

import { queryErrorText, useMeQuery } from "../../api/base-api";
import type { Me } from "../../api/types";
import { Section } from "../../components/section";
import { UsageBar } from "../../components/usage-bar";
import { formatDuration, formatMemory, formatTimeLimit, plural } from "../../lib/format";

const REFRESH_MS = 10_000;

/** What the account may use, and how much of it is used now. */
export function UsageSection(): React.JSX.Element {
  const { data: me, error } = useMeQuery(undefined, { pollingInterval: REFRESH_MS });
  return (
    <Section title="Quota and use" text="What you may use of this server. An operator can change it.">
      {error && !me && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {!error && !me && <Skeleton variant="rounded" height={180} />}
      {me && <Usage me={me} />}
    </Section>
  );
}

function Usage({ me: { quota, usage } }: { me: Me }): React.JSX.Element {
  const count = (amount: number): string => amount.toLocaleString("en");
  const limits = [
    ["CPUs", plural(quota.cpus, "CPU")],
    ["Memory", formatMemory(quota.memory_mb)],
    ["Disk", formatMemory(quota.disk_mb)],
    ["Time", formatTimeLimit(quota.timeout_s)],
    ["Output", formatMemory(quota.output_mb)],
    ["Artifacts", formatMemory(quota.artifact_mb)],
    ["Network", quota.egress.length > 0 ? quota.egress.join(", ") : "none"],
  ] as const;
  return (
    <>
      <Box
        sx={{
          display: "grid",
          gap: 2,
          gridTemplateColumns: "repeat(auto-fit, minmax(min(280px, 100%), 1fr))",
        }}
      >
        <UsageBar label="Storage" used={usage.storage_mb} limit={quota.storage_mb} format={formatMemory} />
        <UsageBar label="Runs now" used={usage.running_runs} limit={quota.parallel_runs} format={count} />
        <UsageBar label="Runs queued" used={usage.queued_runs} limit={quota.queued_runs} format={count} />
        <UsageBar label="Runs today" used={usage.runs_today} limit={quota.runs_per_day} format={count} />
        <UsageBar
          label="CPU time today"
          used={usage.cpu_s_today}
          limit={quota.cpu_s_per_day}
          format={formatDuration}
        />
      </Box>
      <Typography variant="body2" color="textSecondary" sx={{ mt: 1.5 }}>
        The day&apos;s counts begin anew at{" "}
        {new Date(usage.day_ends_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}.
      </Typography>
      <Typography component="h3" variant="subtitle2" sx={{ mt: 2, mb: 1 }}>
        At most, for one run
      </Typography>
      <Box
        component="dl"
        sx={{
          display: "grid",
          gap: 1.5,
          gridTemplateColumns: "repeat(auto-fill, minmax(110px, 1fr))",
          m: 0,
          "& dt": { color: "text.secondary", fontSize: 13 },
          "& dd": { m: 0, overflowWrap: "anywhere" },
        }}
      >
        {limits.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </Box>
    </>
  );
}
