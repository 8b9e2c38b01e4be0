import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

import { isTerminal, type RunStream } from "../api/run-stream";
import { useConnection, useRunStream } from "../api/services";
import type { Run } from "../api/types";
import type { SaveState } from "../features/projects/project-saver";
import { elapsedSeconds, failureOf, phaseLabel } from "../features/runs/run-phase";
import { formatDuration, formatMemory, plural } from "../lib/format";
import { useNow } from "../lib/use-now";

function saveText(saved: SaveState): string {
  switch (saved.status) {
    case "saved":
      return saved.at ? `Saved ${saved.at.toLocaleTimeString("en-GB")}` : "Saved";
    case "unsaved":
    case "saving":
      return "Saving…";
    case "offline":
      return "Offline: kept in this browser";
    case "lost":
    case "refused":
      return "Not saved";
    case "gone":
      return "Not saved: the project was deleted";
    case "conflict":
      return "Conflict: changed elsewhere too";
  }
}

const WORRYING: readonly SaveState["status"][] = ["offline", "lost", "refused", "gone", "conflict"];

const CONNECTION_TEXT = {
  closed: "Offline",
  connecting: "Connecting",
  online: "Online",
  reconnecting: "Reconnecting",
};

/** One line of facts; only the run's state is announced, and politely. */
export function StatusBar({
  stream,
  saved,
  cursor,
}: {
  stream: RunStream | null;
  saved: SaveState;
  cursor: { line: number; column: number } | null;
}): React.JSX.Element {
  const isWorrying = WORRYING.includes(saved.status);
  const { status } = useConnection();
  useRunStream(stream);
  const run = stream?.run ?? null;
  return (
    <Box
      component="footer"
      sx={{
        display: "flex",
        gap: 2,
        alignItems: "center",
        px: 1.5,
        minHeight: 26,
        borderTop: 1,
        borderColor: "divider",
        bgcolor: "background.paper",
        overflow: "hidden",
      }}
    >
      <Typography
        variant="caption"
        role="status"
        aria-label="Run"
        noWrap
        sx={{ flexShrink: 0, maxWidth: "70%" }}
      >
        {run ? stateText(run) : "Ready"}
      </Typography>
      {stream && <RunFacts stream={stream} />}
      <Box sx={{ flex: 1 }} />
      <Typography
        variant="caption"
        data-save={saved.status}
        color={isWorrying && saved.status !== "offline" ? "error" : "textSecondary"}
        noWrap
        title={saveText(saved)}
        sx={{
          display: { xs: isWorrying ? "block" : "none", sm: "block" },
          fontVariantNumeric: "tabular-nums",
        }}
      >
        {saveText(saved)}
      </Typography>
      {cursor && (
        <Typography
          variant="caption"
          color="textSecondary"
          noWrap
          sx={{ display: { xs: "none", md: "block" } }}
        >
          Ln {cursor.line}, Col {cursor.column}
        </Typography>
      )}
      <Typography
        variant="caption"
        color="textSecondary"
        noWrap
        sx={{ display: { xs: "none", sm: "block" } }}
      >
        {CONNECTION_TEXT[status]}
      </Typography>
    </Box>
  );
}

function stateText(run: Run): string {
  const failure = failureOf(run);
  return failure ? [failure.title, failure.message].filter(Boolean).join(": ") : phaseLabel(run);
}

function RunFacts({ stream }: { stream: RunStream }): React.JSX.Element | null {
  const { run, usage } = stream;
  const isActive = run !== null && !isTerminal(run.state);
  const now = useNow(isActive ? 1000 : null);
  const elapsed = run && elapsedSeconds(run, now);
  const peak = run?.usage.peak_memory_mb;
  const facts = [
    elapsed !== null && formatDuration(elapsed),
    isActive && usage && `${usage.cpu.toFixed(1)} of ${plural(run.limits.cpus, "CPU")}`,
    isActive &&
      usage &&
      `${formatMemory(Math.round(usage.memory_mb))} of ${formatMemory(run.limits.memory_mb)}`,
    !isActive && peak && `peak ${formatMemory(Math.round(peak))}`,
  ].filter(Boolean);
  return facts.length === 0 ? null : (
    <Typography variant="caption" color="textSecondary" noWrap sx={{ fontVariantNumeric: "tabular-nums" }}>
      {facts.join(" · ")}
    </Typography>
  );
}
