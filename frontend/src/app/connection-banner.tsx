import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect, useEffectEvent, useState } from "react";

import { useConnection, useServices } from "../api/services";

const PATIENCE_MS = 1500;
const BACK_MS = 3000;

/** Says that the connection is lost once it has been so for a moment, and then that it is back; runs go on and edits stay. */
export function ConnectionBanner(): React.JSX.Element {
  const { status, attempt } = useConnection();
  const [wasSaid, setSaid] = useState(false);
  const isAway = status === "connecting" || status === "reconnecting";
  // A region that is there before its words come: else they are not announced.
  return (
    <Box role="status" aria-label="Connection">
      {isAway && <AwayBanner attempt={attempt} onSaid={() => setSaid(true)} />}
      {wasSaid && status === "online" && <BackBanner onOver={() => setSaid(false)} />}
    </Box>
  );
}

function BackBanner({ onOver }: { onOver: () => void }): React.JSX.Element {
  const over = useEffectEvent(onOver);
  useEffect(() => {
    const timer = setTimeout(() => over(), BACK_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Alert severity="success" role="none" sx={{ borderRadius: 0, py: 0 }}>
      Back online
    </Alert>
  );
}

function AwayBanner({ attempt, onSaid }: { attempt: number; onSaid: () => void }): React.JSX.Element | null {
  const { connection } = useServices();
  const [isLate, setLate] = useState(false);
  const said = useEffectEvent(onSaid);
  useEffect(() => {
    const timer = setTimeout(() => {
      setLate(true);
      said();
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return (
    <Alert
      severity="warning"
      role="none"
      sx={{ borderRadius: 0, py: 0 }}
      action={
        <Button color="inherit" size="small" onClick={() => connection.retry()}>
          Retry now
        </Button>
      }
    >
      Connection lost. {connection.hasLiveRun() && "Your run continues. "}Reconnecting
      {/* Not announced: each try would read all of it again. */}
      {attempt > 1 && <span aria-hidden> (try {attempt})</span>}…
    </Alert>
  );
}
