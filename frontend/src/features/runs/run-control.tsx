import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import StopIcon from "@mui/icons-material/Stop";
import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import Tooltip from "@mui/material/Tooltip";

import type { Control } from "./run-phase";

interface RunControlProps {
  control: Control;
  onRun: () => void;
  onStop: () => void;
}

const ICONS = {
  run: <PlayArrowIcon />,
  stop: <StopIcon />,
  none: <CircularProgress size={18} color="inherit" aria-hidden />,
};

export function RunControl({ control, onRun, onStop }: RunControlProps): React.JSX.Element {
  const { action, label, hint } = control;
  const shortcut = action === "run" ? "Ctrl+Enter" : "Ctrl+.";
  return (
    <Tooltip title={hint ?? `${label} (${shortcut})`} placement="left" disableInteractive>
      {/* A disabled button has no pointer events; the tooltip needs somebody who has. */}
      <span>
        <Button
          variant="contained"
          color={action === "stop" ? "error" : "primary"}
          startIcon={ICONS[action]}
          disabled={action === "none"}
          onClick={action === "stop" ? onStop : onRun}
          sx={{ minWidth: 112 }}
        >
          {label}
        </Button>
      </span>
    </Tooltip>
  );
}
