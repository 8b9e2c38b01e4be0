import DownloadIcon from "@mui/icons-material/Download";
import TableRowsIcon from "@mui/icons-material/TableRows";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Skeleton from "@mui/material/Skeleton";
import ToggleButton from "@mui/material/ToggleButton";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { lazy, Suspense, useState } from "react";

import { saveFrom } from "../../api/download";
import type { Series } from "../../api/metric-set";
import { plural } from "../../lib/format";
import { csvOf, curveOf, extremesOf, formatValue, type Look } from "./curve-of";
import { MetricTable } from "./metric-table";

const Chart = lazy(() => import("./chart"));

interface MetricViewProps {
  name: string;
  series: Series;
  version: number;
  look: Look;
  dark: boolean;
  group: string;
}

/** One metric: its curve, its values in words, the same as a table, and as a file. */
export function MetricView({ name, series, version, look, dark, group }: MetricViewProps): React.JSX.Element {
  const [hasTable, setTable] = useState(false);
  const { last, min, max } = extremesOf(series);
  const holes = series.values.filter((value) => value === null).length;
  const isPlaced = look.axis === "step" || curveOf(series, look.axis).x.length > 0;
  const shownLook: Look = isPlaced ? look : { ...look, axis: "step" };
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([csvOf(series)], { type: "text/csv" }));
    saveFrom(url, `${name.replace(/[^\w.-]+/g, "_")}.csv`);
    URL.revokeObjectURL(url);
  };
  return (
    <Box sx={{ mb: 2 }}>
      <Box sx={{ display: "flex", alignItems: "center", gap: 1, minWidth: 0 }}>
        <Typography variant="body2" noWrap title={name} sx={{ fontWeight: 600 }}>
          {name}
        </Typography>
        {series.source === "output" && (
          <Typography variant="caption" color="textSecondary" noWrap>
            from output
          </Typography>
        )}
        <Box sx={{ flex: 1 }} />
        <Tooltip title="Values as a table">
          <ToggleButton
            value="table"
            size="small"
            selected={hasTable}
            onChange={() => setTable(!hasTable)}
            aria-label={`Table of ${name}`}
            sx={{ border: 0, p: 0.5 }}
          >
            <TableRowsIcon sx={{ fontSize: 16 }} />
          </ToggleButton>
        </Tooltip>
        <Tooltip title="Download as CSV">
          <IconButton size="small" aria-label={`Download ${name} as CSV`} onClick={save}>
            <DownloadIcon sx={{ fontSize: 16 }} />
          </IconButton>
        </Tooltip>
      </Box>
      <Typography variant="caption" color="textSecondary" component="p">
        last {formatValue(last)} at step {series.steps.at(-1) ?? 0} · min {formatValue(min)} · max{" "}
        {formatValue(max)}
        {holes > 0 && ` · ${plural(holes, "value")} not a number, marked ×`}
        {!isPlaced && " · no times known, shown by step"}
      </Typography>
      <Suspense fallback={<Skeleton variant="rectangular" height={130} />}>
        <Chart name={name} series={series} version={version} look={shownLook} dark={dark} group={group} />
      </Suspense>
      {hasTable && <MetricTable name={name} series={series} />}
    </Box>
  );
}
