import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";

import { nextLimit, type RaisedLimit } from "../../api/next-limit";
import type { Me, Run } from "../../api/types";
import type { Failure } from "../../lib/traceback";
import { failureOf } from "./run-phase";

interface FailureAlertProps {
  run: Run;
  /** The exception the program ended with, if it left one. */
  exception: Failure | null;
  /** The account's ceilings; undefined while they are not known. */
  quota: Me["quota"] | undefined;
  onGoTo: (place: { path: string; line: number }) => void;
  onLimits: () => void;
  /** Runs again with one limit raised; where it is left out, that is not offered. */
  onRunAgain: ((raised: RaisedLimit) => void) | undefined;
  canRun: boolean;
}

/** Why a run failed, in plain words, with the next step where there is one. */
export function FailureAlert({
  run,
  exception,
  quota,
  onGoTo,
  onLimits,
  onRunAgain,
  canRun,
}: FailureAlertProps): React.JSX.Element | null {
  const failure = failureOf(run);
  if (!failure) return null;
  const next = quota ? nextLimit(run, quota) : null;
  const place = run.reason === "exit_code" ? exception?.place : null;
  return (
    <Alert
      severity="error"
      sx={{
        borderRadius: 0,
        py: 0,
        flexWrap: { xs: "wrap", md: "nowrap" },
        "& .MuiAlert-message": { flex: 1, minWidth: 0 },
        // On a phone, below the words.
        "& .MuiAlert-action": {
          flex: { xs: "0 0 100%", md: "none" },
          flexWrap: "wrap",
          pt: { xs: 0, md: 0.5 },
        },
      }}
      action={
        <>
          {place && (
            <Button color="inherit" size="small" onClick={() => onGoTo(place)}>
              Go to line {place.line}
            </Button>
          )}
          {next?.raised && onRunAgain && (
            <Button
              color="inherit"
              size="small"
              disabled={!canRun}
              onClick={() => next.raised && onRunAgain(next.raised)}
            >
              {next.text}
            </Button>
          )}
          {failure.limited && (
            <Button color="inherit" size="small" onClick={onLimits}>
              Change limits
            </Button>
          )}
        </>
      }
    >
      <AlertTitle sx={{ mb: 0 }}>{failure.title}</AlertTitle>
      {failure.message} {next && !next.raised && next.text}
      {run.reason === "exit_code" && exception && (
        <Typography
          component="div"
          variant="body2"
          sx={{ fontFamily: "monospace", overflowWrap: "anywhere" }}
        >
          {exception.summary}
        </Typography>
      )}
    </Alert>
  );
}
