import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useParams } from "react-router-dom";

import { queryErrorText } from "../../api/base-api";
import { useSharedRunQuery } from "../../api/results-api";
import { isTerminal } from "../../api/run-stream";
import { useDownload, useRunStream } from "../../api/services";
import type { SharedRun } from "../../api/types";
import { Page, PageSkeleton } from "../../components/page";
import { PageTabs } from "../../components/page-tabs";
import { ArtifactsPanel } from "../../features/artifacts/artifacts-panel";
import { MetricsPanel } from "../../features/metrics/metrics-panel";
import { OutputPane } from "../../features/output/output-pane";
import { CodeTab } from "../../features/results/code-tab";
import { RunStatus } from "../../features/runs/run-status";
import { formatSeconds } from "../../lib/format";
import { useDark } from "../use-dark";
import { useSharedStream } from "../use-shared-stream";

const POLL_MS = 3000;

/** A run that somebody else shows by a link: to look at, not to change. */
export default function SharedRunPage(): React.JSX.Element {
  const { token = "" } = useParams();
  const [isLive, setLive] = useState(true);
  const { currentData: data, error } = useSharedRunQuery(token, { pollingInterval: isLive ? POLL_MS : 0 });
  const isGone = error !== undefined && "status" in error && error.status === 404;
  const isGoingOn = !isGone && (!data || !isTerminal(data.state));
  if (isGoingOn !== isLive) setLive(isGoingOn);
  return (
    <Page title="A shared run">
      {error && (
        <Alert severity="error" sx={{ mb: 2 }}>
          {isGone
            ? "This link leads nowhere: it was revoked, or its run was deleted. Ask whoever gave it to you for a new one."
            : queryErrorText(error)}
        </Alert>
      )}
      {!data && !error && <PageSkeleton />}
      {data && !isGone && <SharedRunView key={token} run={data} base={`/shared/${token}`} />}
    </Page>
  );
}

function SharedRunView({ run, base }: { run: SharedRun; base: string }): React.JSX.Element {
  const dark = useDark();
  const stream = useSharedStream(base, { length: run.output.bytes, isOver: isTerminal(run.state) });
  useRunStream(stream);
  const download = useDownload();
  const [failure, setFailure] = useState<string | null>(null);
  const save = (): void => {
    setFailure(null);
    download(`${base}/output`, `${run.id}.log`).catch((error: unknown) => setFailure(queryErrorText(error)));
  };
  return (
    <>
      <Box sx={{ display: "flex", alignItems: "center", gap: 1, flexWrap: "wrap", mb: 2 }}>
        <RunStatus run={{ ...run, queue_position: null, queue_wait_s: null }} />
        <Typography sx={{ fontWeight: 600 }}>{[run.entrypoint, ...run.args].join(" ")}</Typography>
        <Typography variant="body2" color="textSecondary">
          {new Date(run.created_at).toLocaleString()}
          {run.started_at &&
            run.finished_at &&
            ` · ${formatSeconds((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000)}`}
          {run.message && ` · ${run.message}`}
        </Typography>
      </Box>
      {failure && <Alert severity="error">{failure}</Alert>}
      <PageTabs
        label="Parts of the run"
        tabs={[
          {
            name: "output",
            label: "Output",
            content: (
              <Box sx={{ height: "calc(100dvh - 230px)", minHeight: 320, border: 1, borderColor: "divider" }}>
                <OutputPane
                  stream={stream}
                  notice={stream.error && <Alert severity="error">{stream.error}</Alert>}
                  status={null}
                  onDownload={save}
                />
              </Box>
            ),
          },
          {
            name: "metrics",
            label: "Metrics",
            content:
              run.metrics.length > 0 || stream.metrics.size > 0 ? (
                <MetricsPanel stream={stream} dark={dark} />
              ) : (
                <Alert severity="info">This run has reported no metrics.</Alert>
              ),
          },
          {
            name: "artifacts",
            label: run.artifacts.count > 0 ? `Artifacts ${run.artifacts.count}` : "Artifacts",
            content: <ArtifactsPanel base={base} artifacts={run.artifacts} />,
          },
          { name: "code", label: "Code", content: <CodeTab base={base} dark={dark} /> },
        ]}
      />
    </>
  );
}
