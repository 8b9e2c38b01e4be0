import StorageIcon from "@mui/icons-material/Storage";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import Link from "@mui/material/Link";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useDeferredValue, useState } from "react";
import { Link as RouterLink } from "react-router-dom";

import { queryErrorText } from "../../api/base-api";
import { useDatasetsInfiniteQuery, type Dataset, type MountedDataset } from "../../api/datasets-api";
import { formatBytes, plural } from "../../lib/format";
import { mountName, nameProblem } from "./mount-name";

/** So many are seen without a search. */
const FEW = 8;

interface DatasetPickerProps {
  chosen: readonly MountedDataset[];
  onChange: (chosen: MountedDataset[]) => void;
}

/** Says which datasets the next run is given, and lets one choose them. */
export function DatasetPicker({ chosen, onChange }: DatasetPickerProps): React.JSX.Element {
  const [open, setOpen] = useState(false);
  const text = chosen.length === 0 ? "No data" : chosen.map(({ name }) => name).join(", ");
  return (
    <>
      <Tooltip title="Datasets of a run">
        <Button
          color="inherit"
          size="small"
          startIcon={<StorageIcon />}
          aria-label={`Data: ${chosen.length === 0 ? "none" : text}`}
          aria-haspopup="dialog"
          onClick={() => setOpen(true)}
          sx={{ minWidth: 40, maxWidth: 220, "& .MuiButton-startIcon": { mr: { xs: 0, md: 1 } } }}
        >
          <Box
            component="span"
            sx={{
              display: { xs: "none", md: "inline" },
              overflow: "hidden",
              textOverflow: "ellipsis",
              whiteSpace: "nowrap",
            }}
          >
            {text}
          </Box>
        </Button>
      </Tooltip>
      {open && (
        <PickerDialog
          chosen={chosen}
          onClose={() => setOpen(false)}
          onDone={(wanted) => {
            onChange(wanted);
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

interface PickerDialogProps {
  chosen: readonly MountedDataset[];
  onDone: (chosen: MountedDataset[]) => void;
  onClose: () => void;
}

function PickerDialog({ chosen, onDone, onClose }: PickerDialogProps): React.JSX.Element {
  const [search, setSearch] = useState("");
  const [wanted, setWanted] = useState<MountedDataset[]>([...chosen]);
  const part = useDeferredValue(search.trim());
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useDatasetsInfiniteQuery(part, {
    refetchOnMountOrArgChange: true,
  });
  const problem = nameProblem(wanted);
  const shown = data?.pages.flatMap((page) => page.items);
  const [hasMany, setHasMany] = useState(false);
  // Once it is there the field stays, whatever is listed meanwhile: it may be what is typed into.
  if (!hasMany && (hasNextPage || (shown && shown.length > FEW))) setHasMany(true);
  const isAll = part === "" && !hasNextPage;
  // Versions that are not the newest, or were deleted, are not in the list.
  const others = wanted.filter(({ id }) => shown && !shown.some((dataset) => dataset.id === id));
  const toggle = (dataset: Dataset): void =>
    setWanted(
      wanted.some(({ id }) => id === dataset.id)
        ? wanted.filter(({ id }) => id !== dataset.id)
        : [...wanted, { id: dataset.id, name: mountName(dataset.name) }],
    );
  const rename = (id: string, name: string): void =>
    setWanted(wanted.map((one) => (one.id === id ? { ...one, name } : one)));
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="pick-datasets">
      <DialogTitle id="pick-datasets">Datasets of a run</DialogTitle>
      <DialogContent>
        <Typography variant="body2" color="textSecondary" sx={{ mb: 2 }}>
          The program finds each, read-only, as the file <code>/workspace/data/NAME</code>.
        </Typography>
        {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
        {!data && !error && <Skeleton variant="rectangular" height={120} />}
        {hasMany && (
          <TextField
            label="Search by name"
            type="search"
            size="small"
            fullWidth
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            sx={{ mb: 1 }}
          />
        )}
        {shown?.length === 0 && part !== "" && <Typography>No dataset has “{part}” in its name.</Typography>}
        {shown?.length === 0 && part === "" && (
          <Typography>
            There are none yet.{" "}
            <Link component={RouterLink} to="/datasets">
              Upload one
            </Link>
          </Typography>
        )}
        {shown?.map((dataset) => (
          <Entry
            key={dataset.id}
            label={`${dataset.name} · v${dataset.version} · ${formatBytes(dataset.bytes)}`}
            mount={wanted.find(({ id }) => id === dataset.id)}
            onToggle={() => toggle(dataset)}
            onRename={(name) => rename(dataset.id, name)}
          />
        ))}
        {hasNextPage && (
          <Button size="small" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        )}
        {others.map((mount) => (
          <Entry
            key={mount.id}
            label={`${mount.name} · ${isAll ? "an earlier version" : "chosen"}`}
            mount={mount}
            onToggle={() => setWanted(wanted.filter(({ id }) => id !== mount.id))}
            onRename={(name) => rename(mount.id, name)}
          />
        ))}
        {problem && (
          <Alert severity="warning" sx={{ mt: 1 }}>
            {problem}
          </Alert>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="contained" disabled={problem !== null} onClick={() => onDone(wanted)}>
          {wanted.length === 0 ? "Use none" : `Use ${plural(wanted.length, "dataset")}`}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface EntryProps {
  label: string;
  mount: MountedDataset | undefined;
  onToggle: () => void;
  onRename: (name: string) => void;
}

function Entry({ label, mount, onToggle, onRename }: EntryProps): React.JSX.Element {
  return (
    <Box sx={{ display: "flex", alignItems: "center", flexWrap: "wrap", columnGap: 1, py: 0.5 }}>
      <FormControlLabel
        sx={{ flex: "1 1 240px", minWidth: 0, "& .MuiFormControlLabel-label": { overflowWrap: "anywhere" } }}
        control={<Checkbox checked={mount !== undefined} onChange={onToggle} />}
        label={label}
      />
      {mount && (
        <TextField
          label={`Name in the run`}
          size="small"
          value={mount.name}
          onChange={(event) => onRename(event.target.value)}
          slotProps={{ htmlInput: { "aria-label": `Name of ${label} in the run` } }}
        />
      )}
    </Box>
  );
}
