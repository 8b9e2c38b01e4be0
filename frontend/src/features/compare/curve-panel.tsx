import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import ToggleButton from "@mui/material/ToggleButton";
import Typography from "@mui/material/Typography";
import { lazy, Suspense, useState } from "react";

import type { Metric } from "../../api/types";
import { curvesOf, lookOf } from "./curves";

const OverlaidChart = lazy(() => import("./overlaid-chart"));

interface CurvePanelProps {
  labels: string[];
  metrics: Metric[][];
  dark: boolean;
}

/** The curves of all runs over one another; the legend takes a run out and puts it back. */
export function CurvePanel({ labels, metrics, dark }: CurvePanelProps): React.JSX.Element {
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [curves, setCurves] = useState(() => curvesOf(metrics));
  const [known, setKnown] = useState(metrics);
  if (known.some((own, index) => own !== metrics[index]) || known.length !== metrics.length) {
    setKnown(metrics);
    setCurves(curvesOf(metrics));
  }
  const toggle = (index: number): void => {
    const next = new Set(hidden);
    if (!next.delete(index)) next.add(index);
    setHidden(next);
  };
  return (
    <Box component="section" aria-label="Metrics">
      <Typography component="h2" variant="subtitle2" gutterBottom>
        Curves
      </Typography>
      {curves.length === 0 && (
        <Alert severity="info">None of these runs has reported metrics with byteme.log().</Alert>
      )}
      {curves.length > 0 && (
        <Box
          role="group"
          aria-label="Runs in the charts"
          sx={{ display: "flex", flexWrap: "wrap", gap: 1, mb: 2 }}
        >
          {labels.map((label, index) => (
            <ToggleButton
              key={label}
              value={label}
              size="small"
              selected={!hidden.has(index)}
              onChange={() => toggle(index)}
              sx={{ textTransform: "none", gap: 1, py: 0.25 }}
            >
              <Swatch index={index} dark={dark} />
              {label}
            </ToggleButton>
          ))}
        </Box>
      )}
      <Box
        sx={{
          display: "grid",
          gap: 3,
          gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "repeat(2, minmax(0, 1fr))" },
        }}
      >
        {curves.map((one) => (
          <Box key={one.name}>
            <Typography component="h3" variant="body2" sx={{ fontWeight: 600, overflowWrap: "anywhere" }}>
              {one.name}
            </Typography>
            <Suspense fallback={<Skeleton variant="rectangular" height={220} />}>
              <OverlaidChart curves={one} labels={labels} hidden={hidden} dark={dark} />
            </Suspense>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

/** A piece of the run's line. */
function Swatch({ index, dark }: { index: number; dark: boolean }): React.JSX.Element {
  const { color, dash } = lookOf(index, dark);
  return (
    <svg width="28" height="8" aria-hidden>
      <line x1="0" y1="4" x2="28" y2="4" stroke={color} strokeWidth="2" strokeDasharray={dash.join(" ")} />
    </svg>
  );
}
