import EditNoteIcon from "@mui/icons-material/EditNote";
import StarIcon from "@mui/icons-material/Star";
import StarBorderIcon from "@mui/icons-material/StarBorder";
import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import Chip from "@mui/material/Chip";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import { Link as RouterLink } from "react-router-dom";

import { useAnnotateRunMutation } from "../../api/results-api";
import type { Run } from "../../api/types";
import { formatAgo } from "../../lib/format";
import { durationOf, metricsText } from "./run-facts";

export interface RunRowProps {
  run: Run;
  now: number;
  project: string | null;
  status: ReactNode;
  isSelected: boolean;
  onSelect: () => void;
  onTag: (tag: string) => void;
  onEdit: () => void;
}

/** A run as a row of the table, where there is room for one. */
export function RunTableRow(props: RunRowProps): React.JSX.Element {
  const { run, now, project, status } = props;
  return (
    <TableRow hover selected={props.isSelected}>
      <TableCell padding="checkbox">
        <Select {...props} />
      </TableCell>
      <TableCell padding="none">
        <Star run={run} />
      </TableCell>
      <TableCell>{status}</TableCell>
      <TableCell sx={{ maxWidth: 280 }}>
        <Name run={run} />
        <Words {...props} />
      </TableCell>
      <TableCell>{project}</TableCell>
      <TableCell sx={{ fontVariantNumeric: "tabular-nums" }}>{durationOf(run, now)}</TableCell>
      <TableCell sx={{ maxWidth: 220, overflowWrap: "anywhere" }}>{metricsText(run)}</TableCell>
      <TableCell sx={{ whiteSpace: "nowrap" }}>
        <When run={run} now={now} />
      </TableCell>
      <TableCell padding="none">
        <Edit {...props} />
      </TableCell>
    </TableRow>
  );
}

/** A run as a card, where there is none. */
export function RunCard(props: RunRowProps): React.JSX.Element {
  const { run, now, project, status } = props;
  const facts = [project, durationOf(run, now), metricsText(run)].filter(Boolean).join(" · ");
  return (
    <Paper
      component="li"
      variant="outlined"
      sx={{ p: 1, display: "grid", gap: 0.5, gridTemplateColumns: "minmax(0, 1fr)", listStyle: "none" }}
    >
      <Box sx={{ display: "flex", alignItems: "center", gap: 0.5 }}>
        <Select {...props} />
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Name run={run} />
        </Box>
        <Star run={run} />
        <Edit {...props} />
      </Box>
      <Box sx={{ display: "flex", alignItems: "center", gap: 1, px: 1, flexWrap: "wrap" }}>
        {status}
        <Typography variant="body2" color="textSecondary">
          <When run={run} now={now} />
        </Typography>
        <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
          {facts}
        </Typography>
      </Box>
      <Box sx={{ px: 1 }}>
        <Words {...props} />
      </Box>
    </Paper>
  );
}

function Select({ run, isSelected, onSelect }: RunRowProps): React.JSX.Element {
  return (
    <Checkbox
      size="small"
      checked={isSelected}
      onChange={onSelect}
      slotProps={{ input: { "aria-label": `Select ${nameOf(run)}` } }}
    />
  );
}

function Name({ run }: { run: Run }): React.JSX.Element {
  return (
    <>
      <Link component={RouterLink} to={`/runs/${run.id}`} sx={{ overflowWrap: "anywhere", fontWeight: 600 }}>
        {run.entrypoint}
      </Link>{" "}
      <Typography component="code" variant="caption" color="textSecondary">
        {run.id.slice(0, 12)}
      </Typography>
    </>
  );
}

function Words({ run, onTag }: RunRowProps): React.JSX.Element | null {
  if (run.tags.length === 0 && !run.note) return null;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.5, alignItems: "center", mt: 0.5 }}>
      {run.tags.map((tag) => (
        <Chip
          key={tag}
          size="small"
          label={tag}
          onClick={() => onTag(tag)}
          aria-label={`Show runs tagged ${tag}`}
        />
      ))}
      {run.note && (
        <Typography variant="body2" color="textSecondary" noWrap title={run.note} sx={{ maxWidth: "100%" }}>
          {run.note}
        </Typography>
      )}
    </Box>
  );
}

function When({ run, now }: { run: Run; now: number }): React.JSX.Element {
  return <span title={new Date(run.created_at).toLocaleString()}>{formatAgo(run.created_at, now)}</span>;
}

export function Star({ run }: { run: Run }): React.JSX.Element {
  const [annotate, { isLoading, originalArgs }] = useAnnotateRunMutation();
  const starred = isLoading ? (originalArgs?.changes.starred ?? run.starred) : run.starred;
  return (
    <Tooltip title={starred ? "Remove the star" : "Star"}>
      <IconButton
        size="small"
        aria-label={`Star ${nameOf(run)}`}
        aria-pressed={starred}
        onClick={() => void annotate({ runId: run.id, changes: { starred: !starred } })}
      >
        {starred ? <StarIcon fontSize="small" color="warning" /> : <StarBorderIcon fontSize="small" />}
      </IconButton>
    </Tooltip>
  );
}

function Edit({ run, onEdit }: RunRowProps): React.JSX.Element {
  return (
    <Tooltip title="Tags and note">
      <IconButton size="small" aria-label={`Tags and note of ${nameOf(run)}`} onClick={onEdit}>
        <EditNoteIcon fontSize="small" />
      </IconButton>
    </Tooltip>
  );
}

function nameOf(run: Run): string {
  return `${run.entrypoint} ${run.id.slice(0, 12)}`;
}
