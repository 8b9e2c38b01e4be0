import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";

export interface Column<T> {
  title: string;
  align?: "right";
  show: (row: T) => ReactNode;
}

interface DataTableProps<T> {
  /** What the table holds, for those who do not see it. */
  label: string;
  columns: readonly Column<T>[];
  /** Undefined until they are known. */
  rows: readonly T[] | undefined;
  keyOf: (row: T) => string;
  /** What is said in the place of no rows. */
  empty: string;
}

/** A table that scrolls sideways where there is too little room for it. */
export function DataTable<T>({ label, columns, rows, keyOf, empty }: DataTableProps<T>): React.JSX.Element {
  return (
    <Box
      role="region"
      aria-label={label}
      tabIndex={0}
      sx={{
        overflowX: "auto",
        border: 1,
        borderColor: "divider",
        borderRadius: 1,
        bgcolor: "background.paper",
      }}
    >
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            {columns.map(({ title, align }) => (
              <TableCell key={title} align={align} sx={{ whiteSpace: "nowrap", fontWeight: 700 }}>
                {title}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody aria-busy={rows === undefined}>
          {rows === undefined &&
            [1, 2, 3].map((n) => (
              <TableRow key={n}>
                <TableCell colSpan={columns.length}>
                  <Skeleton />
                </TableCell>
              </TableRow>
            ))}
          {rows?.map((row) => (
            <TableRow key={keyOf(row)} hover sx={{ "&:last-child td": { borderBottom: 0 } }}>
              {columns.map(({ title, align, show }) => (
                <TableCell key={title} align={align}>
                  {show(row)}
                </TableCell>
              ))}
            </TableRow>
          ))}
          {rows?.length === 0 && (
            <TableRow>
              <TableCell colSpan={columns.length} sx={{ borderBottom: 0 }}>
                <Typography variant="body2" color="textSecondary" sx={{ py: 2, textAlign: "center" }}>
                  {empty}
                </Typography>
              </TableCell>
            </TableRow>
          )}
        </TableBody>
      </Table>
    </Box>
  );
}
