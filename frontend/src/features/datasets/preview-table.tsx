import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";

import type { PreviewColumn } from "../../api/datasets-api";
import { Histogram } from "./histogram";
import { statisticsText } from "./statistics";

interface PreviewTableProps {
  columns: readonly PreviewColumn[];
  rows: readonly (readonly (string | null)[])[];
  /** The number of the first row. */
  first: number;
}

const NUMERIC = new Set(["integer", "number"]);

/** Rows below what their columns hold; the head stays in sight. */
export function PreviewTable({ columns, rows, first }: PreviewTableProps): React.JSX.Element {
  return (
    <TableContainer
      tabIndex={0}
      role="region"
      aria-label="Rows"
      sx={{ maxHeight: 520, border: 1, borderColor: "divider", borderRadius: 1 }}
    >
      <Table stickyHeader size="small" sx={{ width: "auto", minWidth: "100%" }}>
        <TableHead>
          <TableRow>
            <TableCell sx={{ bgcolor: "background.paper", verticalAlign: "top" }}>#</TableCell>
            {columns.map((column, number) => (
              <TableCell key={number} sx={{ bgcolor: "background.paper", verticalAlign: "top" }}>
                <ColumnHead column={column} />
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row, number) => (
            <TableRow key={first + number} hover>
              <TableCell sx={{ color: "text.secondary" }}>{first + number}</TableCell>
              {row.map((cell, at) => (
                <TableCell
                  key={at}
                  align={NUMERIC.has(columns[at]?.type ?? "text") ? "right" : "left"}
                  sx={{
                    maxWidth: 320,
                    overflow: "hidden",
                    textOverflow: "ellipsis",
                    whiteSpace: "nowrap",
                    fontVariantNumeric: "tabular-nums",
                  }}
                >
                  {cell === null || cell === "" ? <Empty /> : cell}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function ColumnHead({ column }: { column: PreviewColumn }): React.JSX.Element {
  return (
    <Box sx={{ display: "grid", gap: 0.25, maxWidth: 260 }}>
      <Typography variant="subtitle2" noWrap title={column.name}>
        {column.name}
      </Typography>
      <Typography variant="caption" color="textSecondary">
        {column.type}
      </Typography>
      <Histogram column={column} />
      <Typography variant="caption" color="textSecondary" sx={{ lineHeight: 1.3 }}>
        {statisticsText(column)}
      </Typography>
    </Box>
  );
}

function Empty(): React.JSX.Element {
  return (
    <Box component="em" sx={{ color: "text.secondary" }}>
      empty
    </Box>
  );
}
