import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Slider from "@mui/material/Slider";
import Switch from "@mui/material/Switch";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";

import type { Axis, Look } from "./curve-of";

const AXES: Record<Axis, string> = { step: "Step", relative: "Time", wall: "Clock" };

interface LookControlsProps {
  look: Look;
  onLook: (look: Look) => void;
}

/** How all charts are drawn: along what, how smooth, and on which scale. */
export function LookControls({ look, onLook }: LookControlsProps): React.JSX.Element {
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 2, rowGap: 0.5, mb: 1 }}>
      <ToggleButtonGroup
        exclusive
        size="small"
        value={look.axis}
        onChange={(_event, axis: Axis | null) => axis && onLook({ ...look, axis })}
        aria-label="Horizontal axis"
      >
        {Object.entries(AXES).map(([axis, label]) => (
          <ToggleButton key={axis} value={axis} sx={{ px: 1, py: 0.25, textTransform: "none" }}>
            {label}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <Box sx={{ display: "flex", alignItems: "center", gap: 1.5 }}>
        <Typography variant="caption" id="smoothing-label">
          Smoothing
        </Typography>
        <Slider
          size="small"
          min={0}
          max={0.99}
          step={0.01}
          value={look.smoothing}
          onChange={(_event, smoothing) => onLook({ ...look, smoothing })}
          aria-labelledby="smoothing-label"
          sx={{ width: 90 }}
        />
      </Box>
      <FormControlLabel
        sx={{ ml: -0.5 }}
        control={
          <Switch
            size="small"
            checked={look.isLog}
            onChange={() => onLook({ ...look, isLog: !look.isLog })}
          />
        }
        label={<Typography variant="caption">Log scale</Typography>}
      />
    </Box>
  );
}
