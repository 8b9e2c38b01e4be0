import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useRunFilesQuery, useRunListInfiniteQuery } from "../../api/results-api";
import { CodeView } from "../../components/code-view";
import type { Place } from "../../components/use-reveal";
import { changeOf, pathsOf } from "../../lib/file-diff";

interface CodeTabProps {
  /** Where the run is read: `/runs/ID` or `/shared/TOKEN`. */
  base: string;
  /** Of one's own runs: others to compare the code with. */
  runId?: string;
  dark: boolean;
  /** A place to show. */
  reveal?: Place | null;
  onRevealed?: () => void;
}

/** The code as the run got it, and how it differs from another run's. */
export function CodeTab({ base, runId, dark, reveal, onRevealed }: CodeTabProps): React.JSX.Element {
  const { data, error } = useRunFilesQuery(base);
  const [chosen, setChosen] = useState<string | null>(reveal?.path ?? null);
  const [against, setAgainst] = useState("");
  const { currentData: other, error: otherError } = useRunFilesQuery(`/runs/${against}`, { skip: !against });
  if (error) return <Alert severity="error">{queryErrorText(error)}</Alert>;
  if (!data) return <Skeleton variant="rectangular" height={320} />;
  const before = against ? other?.files : undefined;
  const paths = pathsOf(before ?? {}, data.files);
  const path = chosen !== null && paths.includes(chosen) ? chosen : data.entrypoint;
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Box sx={{ display: "flex", gap: 2, flexWrap: "wrap" }}>
        <TextField
          select
          size="small"
          label="File"
          value={path}
          onChange={(event) => setChosen(event.target.value)}
          sx={{ minWidth: 220 }}
        >
          {paths.map((name) => (
            <MenuItem key={name} value={name}>
              {name}
              {before && changeOf(before, data.files, name)}
            </MenuItem>
          ))}
        </TextField>
        {runId && <AgainstField runId={runId} value={against} onChange={setAgainst} />}
      </Box>
      {otherError && <Alert severity="error">{queryErrorText(otherError)}</Alert>}
      <CodeView
        path={path}
        text={data.files[path] ?? ""}
        before={before ? (before[path] ?? "") : undefined}
        dark={dark}
        reveal={reveal}
        onRevealed={onRevealed}
        label={before ? `${path}, compared` : path}
      />
    </Box>
  );
}

interface AgainstFieldProps {
  runId: string;
  value: string;
  onChange: (runId: string) => void;
}

function AgainstField({ runId, value, onChange }: AgainstFieldProps): React.JSX.Element {
  const { data } = useRunListInfiniteQuery({});
  const others = data?.pages[0]?.items.filter(({ id }) => id !== runId) ?? [];
  return (
    <TextField
      select
      size="small"
      label="Compare with"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
      sx={{ minWidth: 220 }}
    >
      <MenuItem value="">nothing</MenuItem>
      {others.map((run) => (
        <MenuItem key={run.id} value={run.id}>
          {run.entrypoint} · {run.id.slice(0, 12)} · {new Date(run.created_at).toLocaleString()}
        </MenuItem>
      ))}
    </TextField>
  );
}
