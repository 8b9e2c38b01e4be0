import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useEffect, useState } from "react";

import { useConnection, useServices } from "../api/services";

const PATIENCE_MS = 1500;

/** Says that the connection is lost once it has been so for a moment; runs go on and edits stay. */
export function ConnectionBanner(): React.JSX.Element | null {
  const { status, attempt } = useConnection();
  const isAway = status === "connecting" || status === "reconnecting";
  return isAway ? <AwayBanner key="away" attempt={attempt} /> : null;
}

function AwayBanner({ attempt }: { attempt: number }): React.JSX.Element | null {
  const { connection } = useServices();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return (
    <Alert
      severity="warning"
      role="status"
      sx={{ borderRadius: 0, py: 0 }}
      action={
        <Button color="inherit" size="small" onClick={() => connection.retry()}>
          Retry now
        </Button>
      }
    >
      Connection lost. {connection.hasLiveRun() && "Your run continues. "}Reconnecting
      {attempt > 1 && ` (try ${attempt})`}…
    </Alert>
  );
}
