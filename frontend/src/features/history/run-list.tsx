import HistoryIcon from "@mui/icons-material/History";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";
import visuallyHidden from "@mui/utils/visuallyHidden";
import { useState, type ReactNode } from "react";
import { Link as RouterLink } from "react-router-dom";

import { queryErrorText } from "../../api/base-api";
import { useProjectsQuery } from "../../api/projects-api";
import { useRunListInfiniteQuery, type RunFilter } from "../../api/results-api";
import { isTerminal } from "../../api/run-stream";
import type { Run } from "../../api/types";
import { EmptyState } from "../../components/page";
import { useNow } from "../../lib/use-now";
import { FilterBar } from "./filter-bar";
import { changed } from "./run-filter";
import { RunCard, RunTableRow, type RunRowProps } from "./run-row";
import { useDeferredDelete } from "./use-deferred-delete";

const POLL_WHILE_ACTIVE_MS = 2000;
/** Runs are made elsewhere, too. */
const POLL_MS = 10_000;
const RELATIVE_TIMES_EVERY_MS = 30_000;
const TICK_MS = 1000;
const MOST_COMPARED = 6;
const HEADS = ["Status", "Run", "Project", "Duration", "Last metrics", "When"];

interface RunListProps {
  filter: RunFilter;
  onFilter: (filter: RunFilter) => void;
  statusOf: (run: Run) => ReactNode;
  onCompare: (runIds: string[]) => void;
  onEdit: (run: Run) => void;
}

/** All runs that the filter lets through, newest first; rows change in place while runs go on. */
export function RunList({ filter, onFilter, statusOf, onCompare, onEdit }: RunListProps): React.JSX.Element {
  const [isActive, setActive] = useState(false);
  const { data, isLoading, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useRunListInfiniteQuery(
    filter,
    {
      pollingInterval: isActive ? POLL_WHILE_ACTIVE_MS : POLL_MS,
      skipPollingIfUnfocused: true,
      refetchOnMountOrArgChange: true,
    },
  );
  const { data: projects } = useProjectsQuery();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { gone, remove } = useDeferredDelete();
  const runs = data?.pages.flatMap((page) => page.items).filter(({ id }) => !gone.has(id)) ?? [];
  const isSomeLive = runs.some((run) => !isTerminal(run.state));
  if (isSomeLive !== isActive) setActive(isSomeLive);
  const now = useNow(isActive ? TICK_MS : RELATIVE_TIMES_EVERY_MS);
  const chosen = runs.filter(({ id }) => selected.has(id));

  const rows = runs.map<RunRowProps>((run) => ({
    run,
    now,
    project: projects?.items.find(({ id }) => id === run.project)?.name ?? null,
    status: statusOf(run),
    isSelected: selected.has(run.id),
    onSelect: () => {
      const next = new Set(selected);
      if (!next.delete(run.id)) next.add(run.id);
      setSelected(next);
    },
    onTag: (tag) => onFilter(changed(filter, "tag", tag)),
    onEdit: () => onEdit(run),
  }));
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <FilterBar filter={filter} onFilter={onFilter} />
      {chosen.length > 0 && (
        <Chosen
          runs={chosen}
          onCompare={() => onCompare(chosen.map(({ id }) => id))}
          onDelete={() => {
            remove(chosen.map(({ id }) => id));
            setSelected(new Set());
          }}
          onClear={() => setSelected(new Set())}
        />
      )}
      {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {isLoading && [1, 2, 3, 4].map((n) => <Skeleton key={n} height={56} />)}
      {data && runs.length === 0 && <Nothing isFiltered={isFiltered} onClear={() => onFilter({})} />}
      {runs.length > 0 && <Rows rows={rows} />}
      {hasNextPage && (
        <Button
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
          sx={{ justifySelf: "start" }}
        >
          Show more
        </Button>
      )}
    </Box>
  );
}

function Rows({ rows }: { rows: RunRowProps[] }): React.JSX.Element {
  const isWide = useMediaQuery("(min-width: 900px)", { noSsr: true });
  if (!isWide)
    return (
      <Box
        component="ul"
        aria-label="Runs"
        sx={{ m: 0, p: 0, display: "grid", gap: 1, gridTemplateColumns: "minmax(0, 1fr)" }}
      >
        {rows.map((row) => (
          <RunCard key={row.run.id} {...row} />
        ))}
      </Box>
    );
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table size="small" aria-label="Runs">
        <TableHead>
          <TableRow>
            <TableCell colSpan={2}>
              <Box component="span" sx={visuallyHidden}>
                Select and star
              </Box>
            </TableCell>
            {HEADS.map((head) => (
              <TableCell key={head}>{head}</TableCell>
            ))}
            <TableCell />
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <RunTableRow key={row.run.id} {...row} />
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

interface ChosenProps {
  runs: Run[];
  onCompare: () => void;
  onDelete: () => void;
  onClear: () => void;
}

/** What can be done with the selected runs. */
function Chosen({ runs, onCompare, onDelete, onClear }: ChosenProps): React.JSX.Element {
  const live = runs.filter((run) => !isTerminal(run.state)).length;
  return (
    <Box
      role="toolbar"
      aria-label="Selected runs"
      sx={{ display: "flex", gap: 1, alignItems: "center", flexWrap: "wrap" }}
    >
      <Button
        variant="contained"
        size="small"
        disabled={runs.length < 2 || runs.length > MOST_COMPARED}
        onClick={onCompare}
      >
        Compare ({runs.length})
      </Button>
      <Button variant="outlined" color="error" size="small" disabled={live > 0} onClick={onDelete}>
        Delete ({runs.length})
      </Button>
      <Button size="small" onClick={onClear}>
        Clear
      </Button>
      <Typography variant="body2" color="textSecondary">
        {hint(runs.length, live)}
      </Typography>
    </Box>
  );
}

function hint(count: number, live: number): string {
  if (live > 0) return "Stop runs before you delete them.";
  if (count < 2) return "Select another to compare.";
  return count > MOST_COMPARED ? `At most ${MOST_COMPARED} can be compared.` : "";
}

function Nothing({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }): React.JSX.Element {
  if (isFiltered)
    return (
      <EmptyState
        title="No run is like that"
        text="No run of yours fits the filter."
        action={<Button onClick={onClear}>Show all runs</Button>}
      />
    );
  return (
    <EmptyState
      icon={<HistoryIcon />}
      title="No runs yet"
      text="A run is one execution of your code, with its output, metrics and files."
      action={
        <Button component={RouterLink} to="/templates" variant="contained">
          Open a template
        </Button>
      }
    />
  );
}
