import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { Failed } from "./failed";
import { endingOf, isOver } from "./image-words";
import { useOnePullQuery, type Pull } from "./images-api";
import { Checks } from "./pull-progress";

const POLL_MS = 500;

/** Whether asking again by itself is of no use. */
function isRefused(error: unknown): boolean {
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === "number" && status >= 400 && status < 500;
}

/** What a pull would do, as soon as the registry has said it. */
export function DryRun({ begun }: { begun: Pull }): React.JSX.Element {
  const [isDone, setDone] = useState(false);
  const {
    data = begun,
    error,
    refetch,
  } = useOnePullQuery(begun.id, { pollingInterval: isDone ? 0 : POLL_MS, skipPollingIfUnfocused: true });
  if ((isOver(data) || isRefused(error)) !== isDone) setDone(!isDone);
  const ending = endingOf(data);
  if (error && !ending) return <Failed error={error} onRetry={refetch} />;
  if (!ending) {
    return (
      <div role="status">
        <Typography variant="body2" gutterBottom>
          The registry is asked…
        </Typography>
        <LinearProgress aria-label="Dry run" />
      </div>
    );
  }
  return (
    <Alert severity={ending.severity} ref={(alert) => alert?.scrollIntoView({ block: "nearest" })}>
      <AlertTitle>{ending.title}</AlertTitle>
      {ending.text}
      <Checks checks={data.checks} />
    </Alert>
  );
}
