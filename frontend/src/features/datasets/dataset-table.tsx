import Link from "@mui/material/Link";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { Link as RouterLink } from "react-router-dom";

import type { Dataset } from "../../api/datasets-api";
import { formatAgo, formatBytes, plural } from "../../lib/format";
import { useNow } from "../../lib/use-now";

const WIDE_ONLY = { display: { xs: "none", sm: "table-cell" } };

/** The datasets, each in its newest version. */
export function DatasetTable({ datasets }: { datasets: readonly Dataset[] }): React.JSX.Element {
  const now = useNow(60_000);
  return (
    <TableContainer>
      <Table size="small" aria-label="Datasets">
        <TableHead>
          <TableRow>
            <TableCell>Name</TableCell>
            <TableCell align="right">Size</TableCell>
            <TableCell sx={WIDE_ONLY}>Version</TableCell>
            <TableCell sx={WIDE_ONLY}>Used by</TableCell>
            <TableCell>Updated</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {datasets.map((dataset) => (
            <TableRow key={dataset.id} hover>
              <TableCell sx={{ overflowWrap: "anywhere", py: 1.25 }}>
                <Link component={RouterLink} to={`/datasets/${dataset.id}`} sx={{ fontWeight: 600 }}>
                  {dataset.name}
                </Link>
              </TableCell>
              <TableCell align="right" sx={{ whiteSpace: "nowrap" }}>
                {formatBytes(dataset.bytes)}
              </TableCell>
              <TableCell sx={WIDE_ONLY}>
                v{dataset.version}
                {dataset.versions > 1 && ` of ${dataset.versions}`}
              </TableCell>
              <TableCell sx={WIDE_ONLY}>{plural(dataset.used_by_runs, "run")}</TableCell>
              <TableCell title={new Date(dataset.created_at).toLocaleString()} sx={{ whiteSpace: "nowrap" }}>
                {formatAgo(dataset.created_at, now)}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
