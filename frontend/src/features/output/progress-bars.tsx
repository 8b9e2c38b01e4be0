import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";

import type { Progress } from "../../lib/progress";

/** The progress bars that a program draws in its output, as real ones, the outermost first. */
export function ProgressBars({ bars }: { bars: readonly Progress[] }): React.JSX.Element | null {
  if (bars.length === 0) return null;
  return (
    <Box sx={{ px: 1.5, py: 0.75, borderBottom: 1, borderColor: "divider", display: "grid", gap: 0.5 }}>
      {bars.map((bar, index) => (
        <Bar key={index} bar={bar} />
      ))}
    </Box>
  );
}

function Bar({ bar }: { bar: Progress }): React.JSX.Element {
  const label = bar.label || "Progress";
  const left = bar.left === "?" ? "time left unknown" : `${bar.left} left`;
  const columns = { xs: "minmax(40px, 12ch) 1fr auto", sm: "minmax(60px, 20ch) 1fr 30ch" };
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: columns, gap: 1, alignItems: "center" }}>
      <Typography variant="caption" noWrap title={label}>
        {label}
      </Typography>
      <LinearProgress
        variant="determinate"
        value={bar.percent}
        aria-label={label}
        aria-valuetext={`${bar.percent} %, ${bar.done} of ${bar.total}, ${left}`}
        sx={{ height: 8, borderRadius: 1, "& .MuiLinearProgress-bar": { transition: "none" } }}
      />
      <Typography
        variant="caption"
        color="textSecondary"
        noWrap
        sx={{ textAlign: "right", fontVariantNumeric: "tabular-nums" }}
      >
        {bar.percent} %
        <Box component="span" sx={{ display: { xs: "none", sm: "inline" } }}>
          {` · ${bar.done} of ${bar.total}`}
        </Box>
        {` · ${left}`}
      </Typography>
    </Box>
  );
}
