import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Link from "@mui/material/Link";
import Switch from "@mui/material/Switch";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { Fragment, useState, type ReactNode } from "react";
import { Link as RouterLink } from "react-router-dom";

import type { Run } from "../../api/types";
import { compareRuns, shownSections, type CompareRow } from "./compare-rows";

interface CompareTableProps {
  runs: Run[];
  labels: string[];
  statusOf: (run: Run) => ReactNode;
}

/** One column a run: what it was given, and what came of it. */
export function CompareTable({ runs, labels, statusOf }: CompareTableProps): React.JSX.Element {
  const [diffOnly, setDiffOnly] = useState(false);
  const [text, setText] = useState("");
  const sections = shownSections(compareRuns(runs), diffOnly, text);
  return (
    <Box component="section" aria-label="Side by side">
      <Box sx={{ display: "flex", gap: 2, flexWrap: "wrap", alignItems: "center", mb: 1 }}>
        <TextField
          size="small"
          label="Search"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <FormControlLabel
          control={<Switch checked={diffOnly} onChange={(event) => setDiffOnly(event.target.checked)} />}
          label="Diff only"
        />
      </Box>
      <Box sx={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label="Table of the runs">
        <Table size="small" aria-label="Compared runs">
          <TableHead>
            <TableRow>
              <TableCell component="td" />
              {runs.map((run, index) => (
                <TableCell key={run.id} component="th" scope="col" sx={{ verticalAlign: "bottom" }}>
                  <Link component={RouterLink} to={`/runs/${run.id}`} sx={{ overflowWrap: "anywhere" }}>
                    {labels[index]}
                  </Link>
                  <Box sx={{ mt: 0.5 }}>{statusOf(run)}</Box>
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {sections.map(({ title, rows }) => (
              <Fragment key={title}>
                <TableRow>
                  <TableCell
                    component="th"
                    scope="rowgroup"
                    colSpan={runs.length + 1}
                    sx={{ fontWeight: 700, pt: 2 }}
                  >
                    {title}
                  </TableCell>
                </TableRow>
                {rows.map((row) => (
                  <Row key={row.key} row={row} />
                ))}
              </Fragment>
            ))}
          </TableBody>
        </Table>
      </Box>
      {sections.length === 0 && (
        <Typography color="textSecondary" sx={{ mt: 1 }}>
          {text ? "Nothing is called so." : "These runs are alike in everything that is told of them."}
        </Typography>
      )}
    </Box>
  );
}

/** What is not as in the first run is marked, by weight and by a sign. */
function Row({ row: { name, values, differs } }: { row: CompareRow }): React.JSX.Element {
  return (
    <TableRow hover>
      <TableCell component="th" scope="row" sx={{ color: "text.secondary" }}>
        {name}
      </TableCell>
      {values.map((value, index) => {
        const isOther = differs && value !== values[0];
        return (
          <TableCell
            key={index}
            sx={{ overflowWrap: "anywhere", minWidth: 110, maxWidth: 320, fontWeight: isOther ? 700 : 400 }}
          >
            {value ?? "–"}
            {isOther && " *"}
          </TableCell>
        );
      })}
    </TableRow>
  );
}
