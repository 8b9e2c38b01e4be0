import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router-dom";

import { queryErrorText, useMeQuery } from "../../api/base-api";
import { useRunQuery } from "../../api/results-api";
import { isTerminal, type RunStream } from "../../api/run-stream";
import { useRunStream } from "../../api/services";
import type { Run } from "../../api/types";
import { Page, PageSkeleton } from "../../components/page";
import { PageTabs } from "../../components/page-tabs";
import type { Place } from "../../components/use-reveal";
import { ArtifactsPanel } from "../../features/artifacts/artifacts-panel";
import { DisplaysPanel } from "../../features/displays/displays-panel";
import { MetricsPanel } from "../../features/metrics/metrics-panel";
import { CodeTab } from "../../features/results/code-tab";
import { Overview } from "../../features/results/overview";
import { failureOf } from "../../features/runs/run-phase";
import { RunHeader } from "../run-header";
import { RunOutput } from "../run-output";
import { useDark } from "../use-dark";
import { useRerun } from "../use-rerun";
import { useWatchedRun } from "../use-watched-run";

/** One run: how it went, what it said and left, and the code that did it. */
export default function RunPage(): React.JSX.Element {
  const { runId = "" } = useParams();
  const { currentData: data, error } = useRunQuery(runId, { refetchOnMountOrArgChange: true });
  const stream = useWatchedRun(runId);
  const failure = error ? queryErrorText(error) : null;
  if (data && stream) return <RunView key={runId} known={data} stream={stream} unread={failure} />;
  return (
    <Page title="Run">{failure === null ? <PageSkeleton /> : <Alert severity="error">{failure}</Alert>}</Page>
  );
}

/** What the server has told last of the run's state, with the words of its owner. */
function latest(known: Run, streamed: Run | null): Run {
  if (!streamed || isTerminal(known.state)) return known;
  const { tags, note, starred, shared_at } = known;
  return { ...streamed, tags, note, starred, shared_at };
}

interface RunViewProps {
  known: Run;
  stream: RunStream;
  /** Why the run could not be read again; what is known of it stays. */
  unread: string | null;
}

function RunView({ known, stream, unread }: RunViewProps): React.JSX.Element {
  useRunStream(stream);
  const dark = useDark();
  const { data: me } = useMeQuery();
  const [, setSearch] = useSearchParams();
  const [reveal, setReveal] = useState<Place | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const run = latest(known, stream.run);
  const rerun = useRerun(run);
  const base = `/runs/${run.id}`;
  const isOver = isTerminal(run.state);
  return (
    <Page title={run.entrypoint}>
      <RunHeader run={run} rerun={rerun} onFailure={setFailure} />
      {(failure ?? rerun.failure ?? unread) && (
        <Alert severity="error" sx={{ mb: 2 }}>
          {failure ?? rerun.failure ?? unread}
        </Alert>
      )}
      <PageTabs
        label="Parts of the run"
        tabs={[
          {
            name: "overview",
            label: "Overview",
            content: (
              <Overview
                run={run}
                quota={me?.quota}
                failure={failureOf(run)?.title ?? null}
                isBusy={rerun.isBusy}
                onRunAgain={rerun.again}
              />
            ),
          },
          {
            name: "output",
            label: "Output",
            content: (
              <Box sx={{ height: "calc(100dvh - 250px)", minHeight: 320, border: 1, borderColor: "divider" }}>
                <RunOutput
                  stream={stream}
                  onGoTo={(place) => {
                    setReveal(place);
                    setSearch({ tab: "code" });
                  }}
                  onLimits={() => setSearch({ tab: "overview" })}
                  onRunAgain={rerun.again}
                  canRun={!rerun.isBusy}
                  onFailure={setFailure}
                />
              </Box>
            ),
          },
          {
            name: "metrics",
            label: "Metrics",
            content: <Reported stream={stream} dark={dark} />,
          },
          {
            name: "artifacts",
            label: run.artifacts.count > 0 ? `Artifacts ${run.artifacts.count}` : "Artifacts",
            content: isOver ? (
              <ArtifactsPanel base={base} artifacts={run.artifacts} />
            ) : (
              <Alert severity="info">Files are collected when the program has ended.</Alert>
            ),
          },
          {
            name: "code",
            label: "Code",
            content: (
              <CodeTab
                base={base}
                runId={run.id}
                dark={dark}
                reveal={reveal}
                onRevealed={() => setReveal(null)}
              />
            ),
          },
        ]}
      />
    </Page>
  );
}

function Reported({ stream, dark }: { stream: RunStream; dark: boolean }): React.JSX.Element {
  useRunStream(stream);
  if (stream.metrics.size === 0 && stream.displays.length === 0)
    return (
      <Alert severity="info">
        No metrics or figures. A program reports them with byteme.log() and plt.show().
      </Alert>
    );
  return (
    <Box sx={{ display: "grid", gap: 3 }}>
      <MetricsPanel stream={stream} dark={dark} />
      <DisplaysPanel stream={stream} />
    </Box>
  );
}
