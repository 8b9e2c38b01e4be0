import ArrowDropDownIcon from "@mui/icons-material/ArrowDropDown";
import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import StopIcon from "@mui/icons-material/Stop";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { isTerminal } from "../../api/run-stream";
import type { Run } from "../../api/types";
import { formatDuration } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { elapsedSeconds, phaseLabel, type Control } from "./run-phase";

interface RunControlProps {
  control: Control;
  run: Run | null;
  onRun: () => void;
  onRunOptions: () => void;
  onStop: () => void;
}

const ICONS = {
  run: <PlayArrowIcon />,
  stop: <StopIcon />,
  none: <CircularProgress size={18} color="inherit" aria-hidden />,
};

/** The one place where a program is started and stopped, with what it is doing now. */
export function RunControl({
  control,
  run,
  onRun,
  onRunOptions,
  onStop,
}: RunControlProps): React.JSX.Element {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { action, label, hint } = control;
  const shortcut = action === "run" ? "Ctrl+Enter" : "Ctrl+.";
  const isActive = run !== null && !isTerminal(run.state);
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 1, flex: "none" }}>
      {isActive && <Phase run={run} />}
      <Box sx={{ display: "flex" }}>
        <Tooltip title={hint ?? `${label} (${shortcut})`} disableInteractive>
          {/* A disabled button has no pointer events; the tooltip needs somebody who has. */}
          <span>
            <Button
              variant="contained"
              color={action === "stop" ? "error" : "primary"}
              startIcon={ICONS[action]}
              disabled={action === "none"}
              onClick={action === "stop" ? onStop : onRun}
              sx={{ minWidth: { xs: 84, sm: 112 } }}
            >
              {label}
            </Button>
          </span>
        </Tooltip>
        <IconButton
          size="small"
          aria-label="Ways to run"
          aria-haspopup="menu"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          <ArrowDropDownIcon />
        </IconButton>
      </Box>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem
          onClick={() => {
            setAnchor(null);
            onRunOptions();
          }}
          sx={{ gap: 3 }}
        >
          Run with arguments and environment…
          <Typography component="span" variant="body2" color="textSecondary" aria-hidden>
            Ctrl+Shift+Enter
          </Typography>
        </MenuItem>
      </Menu>
    </Box>
  );
}

/** Where the run is, and for how long it has run; the status bar says it on a phone. */
function Phase({ run }: { run: Run }): React.JSX.Element {
  const now = useNow(1000);
  const elapsed = elapsedSeconds(run, now);
  return (
    <Typography
      variant="body2"
      color="textSecondary"
      noWrap
      sx={{ display: { xs: "none", sm: "block" }, fontVariantNumeric: "tabular-nums" }}
    >
      {phaseLabel(run)}
      {elapsed !== null && ` ${formatDuration(elapsed)}`}
    </Typography>
  );
}
