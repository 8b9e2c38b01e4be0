import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import type { RunStream } from "../../api/run-stream";
import { useCalmRunStream } from "../../api/services";
import type { Look } from "./curve-of";
import { LookControls } from "./look-controls";
import { MetricView } from "./metric-view";

/** Four times a second is as fast as anybody reads curves. */
const REDRAW_MS = 250;

/** One chart for each metric the program has reported or printed, as they come. */
export function MetricsPanel({
  stream,
  dark,
}: {
  stream: RunStream;
  dark: boolean;
}): React.JSX.Element | null {
  const version = useCalmRunStream(stream, REDRAW_MS);
  const [look, setLook] = useState<Look>({ axis: "step", smoothing: 0, isLog: false });
  if (stream.metrics.size === 0) return null;
  return (
    <Box component="section" aria-label="Metrics">
      <Typography component="h2" variant="subtitle2" gutterBottom>
        Metrics
      </Typography>
      <LookControls look={look} onLook={setLook} />
      {[...stream.metrics].map(([name, series]) => (
        <MetricView
          key={name}
          name={name}
          series={series}
          version={version}
          look={look}
          dark={dark}
          group={stream.runId}
        />
      ))}
    </Box>
  );
}
