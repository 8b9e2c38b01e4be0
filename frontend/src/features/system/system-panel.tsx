import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";

import { isTerminal, type RunStream } from "../../api/run-stream";
import { useCalmRunStream } from "../../api/services";
import { formatMemory, plural } from "../../lib/format";
import { levelOf, shareOf, sparkline, type Level } from "./share";

const REDRAW_MS = 500;
const COLORS = { normal: "primary", high: "warning", critical: "error" } as const;
const WORDS: Record<Level, string> = { normal: "", high: "near its limit", critical: "at its limit" };

interface Resource {
  name: string;
  used: number;
  limit: number;
  text: string;
  history: number[];
}

/** What a run uses of what it may: live while it runs, its peaks once it has ended. */
export function SystemPanel({ stream }: { stream: RunStream }): React.JSX.Element | null {
  useCalmRunStream(stream, REDRAW_MS);
  const resources = resourcesOf(stream);
  if (resources.length === 0) return null;
  return (
    <Box component="section" aria-label="System">
      <Typography component="h2" variant="subtitle2" gutterBottom>
        System
      </Typography>
      <Box sx={{ display: "grid", gap: 1 }}>
        {resources.map((resource) => (
          <ResourceBar key={resource.name} resource={resource} />
        ))}
      </Box>
    </Box>
  );
}

function resourcesOf({ run, usage, usageSamples }: RunStream): Resource[] {
  if (!run) return [];
  const { limits } = run;
  const isOver = isTerminal(run.state);
  const { cpu, memory_mb: memory } = usage ?? { cpu: 0, memory_mb: 0 };
  const peak = run.usage.peak_memory_mb;
  const disk = run.usage.disk_mb;
  const resources: Resource[] = [];
  if (usage) {
    const history = usageSamples.map((sample) => sample.cpu);
    const used = isOver ? Math.max(...history) : cpu;
    const text = `${isOver ? "peak " : ""}${used.toFixed(1)} of ${plural(limits.cpus, "CPU")}`;
    resources.push({ name: "CPU", used, limit: limits.cpus, text, history });
  }
  if (usage || peak > 0) {
    const used = isOver ? peak : memory;
    const text = `${isOver ? "peak " : ""}${formatMemory(Math.round(used))} of ${formatMemory(limits.memory_mb)}`;
    const history = usageSamples.map((sample) => sample.memory_mb);
    resources.push({ name: "Memory", used, limit: limits.memory_mb, text, history });
  }
  if (isOver && disk > 0) {
    const text = `peak ${formatMemory(Math.round(disk))} of ${formatMemory(limits.disk_mb)}`;
    resources.push({ name: "Disk", used: disk, limit: limits.disk_mb, text, history: [] });
  }
  return resources;
}

function ResourceBar({ resource }: { resource: Resource }): React.JSX.Element {
  const { name, used, limit, text, history } = resource;
  const level = levelOf(used, limit);
  const words = [text, WORDS[level]].filter(Boolean).join(", ");
  return (
    <Box>
      <Box sx={{ display: "flex", justifyContent: "space-between", gap: 1 }}>
        <Typography variant="body2">{name}</Typography>
        <Typography
          variant="body2"
          color={level === "critical" ? "error" : "textSecondary"}
          noWrap
          sx={{ fontVariantNumeric: "tabular-nums" }}
        >
          {words}
        </Typography>
      </Box>
      {history.length > 1 && <Sparkline values={history} limit={limit} />}
      <LinearProgress
        variant="determinate"
        value={100 * shareOf(used, limit)}
        color={COLORS[level]}
        aria-label={`${name} in use`}
        aria-valuetext={words}
        sx={{ height: 8, borderRadius: 1, "& .MuiLinearProgress-bar": { transition: "none" } }}
      />
    </Box>
  );
}

function Sparkline({ values, limit }: { values: number[]; limit: number }): React.JSX.Element {
  return (
    <Box
      component="svg"
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      aria-hidden
      sx={{ display: "block", width: "100%", height: 28, color: "primary.main" }}
    >
      <polyline
        points={sparkline(values, limit)}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        vectorEffect="non-scaling-stroke"
      />
    </Box>
  );
}
