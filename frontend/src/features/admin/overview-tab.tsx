import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";

import { Section } from "../../components/section";
import { UsageBar } from "../../components/usage-bar";
import { formatMemory, plural } from "../../lib/format";
import { useOverviewQuery, type Overview } from "./admin-api";
import { Failed } from "./failed";
import { formatRate, formatWait } from "./words";

const REFRESH_MS = 10_000;

/** The platform at a glance. */
export function OverviewTab(): React.JSX.Element {
  const { data, error, refetch } = useOverviewQuery(undefined, { pollingInterval: REFRESH_MS });
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Skeleton variant="rounded" height={420} />;
  const { disk } = data;
  return (
    <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Facts overview={data} />
      <Section title="Runs per hour" text="That ended, by the hour, of the last day.">
        <Hours hours={data.hours} />
      </Section>
      <Section
        title="Disk of the data folder"
        text={`Below ${formatMemory(disk.least_mb)} free no run starts.`}
      >
        <UsageBar
          label="Used"
          used={disk.total_mb - disk.free_mb}
          limit={disk.total_mb}
          format={formatMemory}
        />
      </Section>
    </Box>
  );
}

function Facts({ overview }: { overview: Overview }): React.JSX.Element {
  const { queued, running, slots, waits, ended, failed, platform_failed, users } = overview;
  const facts = [
    ["Waiting", String(queued), "runs in the queue"],
    ["Running", `${running} of ${slots}`, "slots taken"],
    ["Median wait", formatWait(waits.median_s), "from submitting to the start"],
    ["Longest waits", formatWait(waits.p95_s), "one in twenty waits longer"],
    ["Ended", ended.toLocaleString("en"), "runs in the last day"],
    ["Failed", formatRate(failed, ended), "for whatever reason"],
    ["Platform failed", formatRate(platform_failed, ended), "host, image or platform"],
    ["Users", users.toLocaleString("en"), "accounts"],
  ];
  return (
    <Box
      component="dl"
      sx={{
        display: "grid",
        gap: 2,
        gridTemplateColumns: "repeat(auto-fill, minmax(min(220px, 100%), 1fr))",
        m: 0,
      }}
    >
      {facts.map(([name, value, text]) => (
        <Paper key={name} variant="outlined" sx={{ p: 2 }}>
          <Typography component="dt" variant="body2" color="textSecondary">
            {name}
          </Typography>
          <Box component="dd" sx={{ m: 0 }}>
            <Typography variant="h5" component="p" sx={{ fontWeight: 700 }}>
              {value}
            </Typography>
            <Typography variant="caption" color="textSecondary">
              {text}
            </Typography>
          </Box>
        </Paper>
      ))}
    </Box>
  );
}

function Hours({ hours }: { hours: Overview["hours"] }): React.JSX.Element {
  const most = Math.max(1, ...hours.map(({ ended }) => ended));
  const total = hours.reduce((sum, { ended }) => sum + ended, 0);
  const width = 100 / hours.length;
  return (
    <>
      <Box
        component="svg"
        role="img"
        aria-label={`${plural(total, "run")} ended in the last day, at most ${most} in one hour`}
        viewBox="0 0 100 30"
        preserveAspectRatio="none"
        sx={{ display: "block", width: "100%", height: 120, borderBottom: 1, borderColor: "divider" }}
      >
        {hours.map(({ begins_at, ended, failed }, index) => (
          <g key={begins_at}>
            <title>{`${new Date(begins_at).getHours()} h: ${plural(ended, "run")}, ${failed} failed`}</title>
            <Bar x={index * width} width={width} height={(30 * ended) / most} colour="primary" />
            <Bar x={index * width} width={width} height={(30 * failed) / most} colour="error" />
          </g>
        ))}
      </Box>
      <Box sx={{ display: "flex", justifyContent: "space-between", mt: 0.5 }}>
        <Typography variant="caption" color="textSecondary">
          A day ago
        </Typography>
        <Typography variant="caption" color="textSecondary">
          The lower, red part failed
        </Typography>
        <Typography variant="caption" color="textSecondary">
          Now
        </Typography>
      </Box>
    </>
  );
}

interface BarProps {
  x: number;
  width: number;
  height: number;
  colour: "primary" | "error";
}

function Bar({ x, width, height, colour }: BarProps): React.JSX.Element {
  return (
    <Box
      component="rect"
      x={x + width * 0.1}
      y={30 - height}
      width={width * 0.8}
      height={height}
      sx={{ fill: `var(--mui-palette-${colour}-main)` }}
    />
  );
}
