import Alert from "@mui/material/Alert";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";

import { isTerminal, type RunStream } from "../api/run-stream";
import { useCalmRunStream, useRunOf } from "../api/services";
import { ArtifactsPanel } from "../features/artifacts/artifacts-panel";
import { DisplaysPanel } from "../features/displays/displays-panel";
import { MetricsPanel } from "../features/metrics/metrics-panel";
import { SystemPanel } from "../features/system/system-panel";

const REDRAW_MS = 250;

/** What a run has yielded: metrics and figures while it runs, its files once they are collected. */
export function ResultsPanel({
  stream,
  dark,
}: {
  stream: RunStream | null;
  dark: boolean;
}): React.JSX.Element {
  if (!stream) return <Hint text="Metrics, figures and files of a run appear here." />;
  return <Results stream={stream} dark={dark} />;
}

function Results({ stream, dark }: { stream: RunStream; dark: boolean }): React.JSX.Element {
  useCalmRunStream(stream, REDRAW_MS);
  const run = useRunOf(stream);
  const { error, metrics, displays } = stream;
  const isOver = run !== null && isTerminal(run.state);
  if (error) return <Alert severity="error">{error}</Alert>;
  return (
    <Stack spacing={3}>
      <MetricsPanel stream={stream} dark={dark} />
      <DisplaysPanel stream={stream} />
      {isOver && <ArtifactsPanel base={`/runs/${run.id}`} artifacts={run.artifacts} />}
      <SystemPanel stream={stream} />
      {!isOver && metrics.size === 0 && displays.length === 0 && (
        <Hint text="Nothing yet. Metrics and figures appear as the program reports them, files when it has ended." />
      )}
    </Stack>
  );
}

function Hint({ text }: { text: string }): React.JSX.Element {
  return (
    <Typography variant="body2" color="textSecondary">
      {text}
    </Typography>
  );
}
