import OpenInNewIcon from "@mui/icons-material/OpenInNew";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Skeleton from "@mui/material/Skeleton";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useState, type ReactNode } from "react";
import { Link as RouterLink } from "react-router-dom";

import { queryErrorText } from "../../api/base-api";
import { useRunListInfiniteQuery } from "../../api/results-api";
import { isTerminal } from "../../api/run-stream";
import type { Run } from "../../api/types";
import { formatAgo, formatDuration } from "../../lib/format";
import { useNow } from "../../lib/use-now";

const POLL_WHILE_ACTIVE_MS = 5000;
const RELATIVE_TIMES_EVERY_MS = 30_000;
const ALL = {};

interface HistoryPanelProps {
  selected: string | null;
  statusOf: (run: Run) => ReactNode;
  onOpen: (runId: string) => void;
}

/** The user's runs, newest first; opening one replays its output. */
export function HistoryPanel({ selected, statusOf, onOpen }: HistoryPanelProps): React.JSX.Element {
  const [poll, setPoll] = useState(false);
  const { data, isLoading, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useRunListInfiniteQuery(
    ALL,
    { pollingInterval: poll ? POLL_WHILE_ACTIVE_MS : 0, skipPollingIfUnfocused: true },
  );
  const runs = data?.pages.flatMap((page) => page.items) ?? [];
  const isActive = runs.some((run) => !isTerminal(run.state));
  if (isActive !== poll) setPoll(isActive);
  const now = useNow(RELATIVE_TIMES_EVERY_MS);

  return (
    <Box component="section" aria-label="Recent runs">
      {isLoading && [1, 2, 3].map((n) => <Skeleton key={n} height={56} />)}
      {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {data && runs.length === 0 && (
        <Typography variant="body2" color="textSecondary">
          No runs yet. A run is one execution of your program with its output and files.
        </Typography>
      )}
      <List dense disablePadding>
        {runs.map((run) => (
          <RunItem
            key={run.id}
            run={run}
            now={now}
            isSelected={run.id === selected}
            status={statusOf(run)}
            onOpen={onOpen}
          />
        ))}
      </List>
      {hasNextPage && (
        <Button size="small" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </Box>
  );
}

interface RunItemProps {
  run: Run;
  now: number;
  isSelected: boolean;
  status: ReactNode;
  onOpen: (runId: string) => void;
}

function RunItem({ run, now, isSelected, status, onOpen }: RunItemProps): React.JSX.Element {
  const duration =
    run.started_at && run.finished_at
      ? formatDuration((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000)
      : null;
  return (
    <ListItem
      disablePadding
      secondaryAction={
        <Tooltip title="All about this run">
          <IconButton
            component={RouterLink}
            to={`/runs/${run.id}`}
            edge="end"
            size="small"
            aria-label={`All about ${run.entrypoint} ${run.id.slice(0, 12)}`}
          >
            <OpenInNewIcon fontSize="small" />
          </IconButton>
        </Tooltip>
      }
    >
      <ListItemButton
        selected={isSelected}
        aria-current={isSelected ? "true" : undefined}
        onClick={() => onOpen(run.id)}
        sx={{ borderRadius: 1, gap: 1 }}
      >
        <ListItemText
          primary={run.entrypoint}
          secondary={[run.id.slice(0, 12), duration, formatAgo(run.created_at, now)]
            .filter(Boolean)
            .join(" · ")}
          slotProps={{ primary: { noWrap: true }, secondary: { noWrap: true } }}
        />
        {status}
      </ListItemButton>
    </ListItem>
  );
}
