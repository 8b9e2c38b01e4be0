import CancelIcon from "@mui/icons-material/Cancel";
import CheckCircleIcon from "@mui/icons-material/CheckCircle";
import ErrorIcon from "@mui/icons-material/Error";
import HourglassIcon from "@mui/icons-material/HourglassTop";
import SyncIcon from "@mui/icons-material/Sync";
import Chip from "@mui/material/Chip";

import type { Run, RunState } from "../../api/types";
import { phaseLabel } from "./run-phase";

const LOOKS: Record<RunState, { icon: React.JSX.Element; color: "default" | "info" | "success" | "error" }> =
  {
    queued: { icon: <HourglassIcon />, color: "default" },
    starting: { icon: <SyncIcon />, color: "info" },
    running: { icon: <SyncIcon />, color: "info" },
    collecting: { icon: <SyncIcon />, color: "info" },
    succeeded: { icon: <CheckCircleIcon />, color: "success" },
    failed: { icon: <ErrorIcon />, color: "error" },
    cancelled: { icon: <CancelIcon />, color: "default" },
  };

/** The run's state as icon, colour and word, never by colour alone. */
export function RunStatus({
  run,
}: {
  run: Pick<Run, "state" | "queue_position" | "queue_wait_s">;
}): React.JSX.Element {
  const { icon, color } = LOOKS[run.state];
  return <Chip size="small" variant="outlined" icon={icon} color={color} label={phaseLabel(run)} />;
}
