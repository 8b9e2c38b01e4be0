import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

import type { Series } from "../../api/metric-set";
import { formatValue } from "./curve-of";

/** The whole is in the download. */
const MOST_ROWS = 200;

/** The latest values of a metric, the newest first. */
export function MetricTable({ name, series }: { name: string; series: Series }): React.JSX.Element {
  const from = Math.max(0, series.steps.length - MOST_ROWS);
  const places = series.steps.map((_step, at) => at).slice(from);
  return (
    <Box
      tabIndex={0}
      role="region"
      aria-label={`Values of ${name}`}
      sx={{ maxHeight: 200, overflow: "auto", border: 1, borderColor: "divider", borderRadius: 1 }}
    >
      <Box
        component="table"
        aria-label={name}
        sx={{
          width: "100%",
          fontSize: 12,
          borderCollapse: "collapse",
          fontVariantNumeric: "tabular-nums",
          "& th, & td": { textAlign: "right", px: 1, py: 0.25 },
        }}
      >
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {places.reverse().map((at) => (
            <tr key={at}>
              <td>{series.steps[at]}</td>
              <td>{formatValue(series.values[at] ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </Box>
      {from > 0 && (
        <Typography variant="caption" color="textSecondary" sx={{ p: 1 }}>
          The last {MOST_ROWS} of {series.steps.length.toLocaleString("en")}; the download has all.
        </Typography>
      )}
    </Box>
  );
}
