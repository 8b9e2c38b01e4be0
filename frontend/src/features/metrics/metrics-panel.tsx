import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { lazy, Suspense } from "react";

import type { RunStream } from "../../api/run-stream";
import { useRunStream } from "../../api/services";
import { latestText } from "./latest-text";

const Chart = lazy(() => import("./chart"));

/** One chart for each metric the program has reported, as they come. */
export function MetricsPanel({
  stream,
  dark,
}: {
  stream: RunStream;
  dark: boolean;
}): React.JSX.Element | null {
  const version = useRunStream(stream);
  if (stream.metrics.size === 0) return null;
  return (
    <Box component="section" aria-label="Metrics">
      <Typography component="h2" variant="subtitle2" gutterBottom>
        Metrics
      </Typography>
      {[...stream.metrics].map(([name, series]) => (
        <Box key={name} sx={{ mb: 2 }}>
          <Box sx={{ display: "flex", justifyContent: "space-between", gap: 1 }}>
            <Typography variant="body2" noWrap>
              {name}
            </Typography>
            <Typography variant="body2" color="textSecondary" noWrap>
              {latestText(series)}
            </Typography>
          </Box>
          <Suspense fallback={<Skeleton variant="rectangular" height={120} />}>
            <Chart name={name} series={series} version={version} dark={dark} />
          </Suspense>
        </Box>
      ))}
    </Box>
  );
}
