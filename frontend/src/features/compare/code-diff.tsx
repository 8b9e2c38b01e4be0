import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useRunFilesQuery } from "../../api/results-api";
import type { Run } from "../../api/types";
import { CodeView } from "../../components/code-view";
import { changeOf, pathIn, pathsOf } from "../../lib/file-diff";

interface CodeDiffProps {
  runs: Run[];
  labels: string[];
  dark: boolean;
}

/** How the code of any two of the runs differs. */
export function CodeDiff({ runs, labels, dark }: CodeDiffProps): React.JSX.Element {
  const [sides, setSides] = useState<[number, number]>([0, 1]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [left, right] = [runs[sides[0]] ?? runs[0], runs[sides[1]] ?? runs[0]];
  const before = useRunFilesQuery(`/runs/${left?.id ?? ""}`);
  const after = useRunFilesQuery(`/runs/${right?.id ?? ""}`);
  const error = before.error ?? after.error;
  return (
    <Box component="section" aria-label="Code">
      <Typography component="h2" variant="subtitle2" gutterBottom>
        Code
      </Typography>
      <Box sx={{ display: "flex", gap: 2, flexWrap: "wrap", mb: 2 }}>
        <RunField label="Before" labels={labels} value={sides[0]} onChange={(n) => setSides([n, sides[1]])} />
        <RunField label="After" labels={labels} value={sides[1]} onChange={(n) => setSides([sides[0], n])} />
        {before.currentData && after.currentData && (
          <FileField
            before={before.currentData.files}
            after={after.currentData.files}
            value={pathIn(before.currentData.files, after.currentData.files, chosen)}
            onChange={setChosen}
          />
        )}
      </Box>
      {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {!error && !(before.currentData && after.currentData) && (
        <Skeleton variant="rectangular" height={320} />
      )}
      {before.currentData && after.currentData && (
        <Difference
          before={before.currentData.files}
          after={after.currentData.files}
          chosen={chosen}
          dark={dark}
        />
      )}
    </Box>
  );
}

type Files = Record<string, string>;

interface DifferenceProps {
  before: Files;
  after: Files;
  chosen: string | null;
  dark: boolean;
}

function Difference({ before, after, chosen, dark }: DifferenceProps): React.JSX.Element {
  const path = pathIn(before, after, chosen);
  const isSame = pathsOf(before, after).every((name) => !changeOf(before, after, name));
  return (
    <>
      {isSame && (
        <Alert severity="info" sx={{ mb: 2 }}>
          The code of both is the same.
        </Alert>
      )}
      <CodeView
        path={path}
        before={before[path] ?? ""}
        text={after[path] ?? ""}
        dark={dark}
        label={`${path}, compared`}
      />
    </>
  );
}

interface FieldProps<Value> {
  value: Value;
  onChange: (value: Value) => void;
}

function RunField({
  label,
  labels,
  value,
  onChange,
}: FieldProps<number> & { label: string; labels: string[] }): React.JSX.Element {
  return (
    <TextField
      select
      size="small"
      label={label}
      value={value}
      onChange={(event) => onChange(Number(event.target.value))}
      sx={{ minWidth: 180 }}
    >
      {labels.map((name, index) => (
        <MenuItem key={name} value={index}>
          {name}
        </MenuItem>
      ))}
    </TextField>
  );
}

function FileField({
  before,
  after,
  value,
  onChange,
}: FieldProps<string> & { before: Files; after: Files }): React.JSX.Element {
  return (
    <TextField
      select
      size="small"
      label="File"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      sx={{ minWidth: 180 }}
    >
      {pathsOf(before, after).map((path) => (
        <MenuItem key={path} value={path}>
          {path}
          {changeOf(before, after, path)}
        </MenuItem>
      ))}
    </TextField>
  );
}
