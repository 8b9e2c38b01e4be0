import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useMemo, useRef, useState } from "react";

import { useMeQuery } from "../api/base-api";
import type { RaisedLimit } from "../api/next-limit";
import type { RunStream } from "../api/run-stream";
import { useDownload, useRunStream } from "../api/services";
import { FigureRow } from "../features/displays/figure-row";
import { Gallery } from "../features/displays/gallery";
import { OutputHeader, OutputPane } from "../features/output/output-pane";
import { FailureAlert } from "../features/runs/failure-alert";
import { RunStatus } from "../features/runs/run-status";
import { findFailure } from "../lib/traceback";

const TRACEBACK_LINES = 400;

interface RunOutputProps {
  stream: RunStream | null;
  onGoTo: (place: { path: string; line: number }) => void;
  onLimits: () => void;
  /** Runs again with more of what was short; undefined where that is not offered. */
  onRunAgain: ((raised: RaisedLimit) => void) | undefined;
  canRun: boolean;
  onFailure: (message: string) => void;
}

/** The output of the run on the screen with how it stands or ended; without a run, what to do. */
export function RunOutput({
  stream,
  onGoTo,
  onLimits,
  onRunAgain,
  canRun,
  onFailure,
}: RunOutputProps): React.JSX.Element {
  const version = useRunStream(stream);
  const download = useDownload();
  const { data: me } = useMeQuery();
  const run = stream?.run ?? null;
  const hasFailed = run?.state === "failed";
  const exception = useMemo(
    () => (stream && hasFailed && version ? findFailure(stream.log.lastTexts(TRACEBACK_LINES)) : null),
    [stream, hasFailed, version],
  );
  const [opened, setOpened] = useState<{ of: RunStream; number: number } | null>(null);
  const opener = useRef<Element | null>(null);
  if (!stream) return <NoRun />;
  const { displays } = stream;
  const show = (number: number | null): void => setOpened(number === null ? null : { of: stream, number });
  const open = (number: number): void => {
    opener.current = document.activeElement;
    show(number);
  };
  // A line that was scrolled away has left the document, and the figure with it.
  const keepFocus = (): void => {
    if (!opener.current?.isConnected) document.querySelector<HTMLElement>('[role="log"]')?.focus();
  };
  const save = (): void => {
    download(`/runs/${stream.runId}/output`, `${stream.runId}.log`).catch(() =>
      onFailure("The output could not be downloaded. Try again."),
    );
  };
  const notice = stream.error ? (
    <Alert severity="error">{stream.error}</Alert>
  ) : (
    run && (
      <FailureAlert
        run={run}
        exception={exception}
        quota={me?.quota}
        onGoTo={onGoTo}
        onLimits={onLimits}
        onRunAgain={onRunAgain}
        canRun={canRun}
      />
    )
  );
  return (
    <>
      <OutputPane
        stream={stream}
        notice={notice}
        status={run && <RunStatus run={run} />}
        renderMark={(mark) => (
          <FigureRow figures={displays.filter((display) => display.mark === mark)} onOpen={open} />
        )}
        onDownload={save}
      />
      <Gallery
        displays={displays}
        shown={opened?.of === stream ? opened.number : null}
        onShow={show}
        onClosed={keepFocus}
      />
    </>
  );
}

function NoRun(): React.JSX.Element {
  return (
    <Box component="section" aria-label="Output" sx={{ height: "100%" }}>
      <OutputHeader>{null}</OutputHeader>
      <Typography variant="body2" color="textSecondary" sx={{ p: 2 }}>
        Press Run, or Ctrl+Enter in the editor. What the program prints appears here as it happens.
      </Typography>
    </Box>
  );
}
