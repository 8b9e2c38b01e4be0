import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import Radio from "@mui/material/Radio";
import RadioGroup from "@mui/material/RadioGroup";
import Stack from "@mui/material/Stack";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useImportRecordMutation } from "../../api/results-api";
import type { Imported } from "../../api/types";
import { readText } from "../../lib/read-text";

interface ImportDialogProps {
  /** What was made of the record, once the user has seen what differs. */
  onImported: (imported: Imported) => void;
  onClose: () => void;
}

interface Chosen {
  name: string;
  record: unknown;
}

/** Makes a run, or a project, of a record that was exported here or elsewhere. */
export function ImportDialog({ onImported, onClose }: ImportDialogProps): React.JSX.Element {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [unreadable, setUnreadable] = useState(false);
  const [into, setInto] = useState<"run" | "project">("run");
  const [take, { data, error, isLoading }] = useImportRecordMutation();

  const read = (file: File | undefined): void => {
    if (!file) return;
    setUnreadable(false);
    readText(file)
      .then((text) => setChosen({ name: file.name, record: JSON.parse(text) as unknown }))
      .catch(() => {
        setChosen(null);
        setUnreadable(true);
      });
  };
  const submit = (): void => {
    if (!chosen) return;
    take({ record: chosen.record, into, ...(into === "project" && { name: chosen.name.slice(0, 200) }) })
      .unwrap()
      .then(
        (imported) => imported.differences.length === 0 && onImported(imported),
        () => undefined, // shown below
      );
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="import-title">
      <DialogTitle id="import-title">Import a record</DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <DialogContentText>
            A record is the file that Export record makes of a run. Its data is found among your datasets by
            its content.
          </DialogContentText>
          <Button component="label" variant="outlined" sx={{ alignSelf: "start" }}>
            {chosen ? chosen.name : "Choose a file"}
            <input
              type="file"
              accept=".json,application/json"
              aria-label="Record file"
              onChange={(event) => read(event.target.files?.[0])}
              style={{ position: "absolute", width: 1, height: 1, opacity: 0 }}
            />
          </Button>
          {unreadable && (
            <Alert severity="error">This is no file of JSON: choose one that Export record made.</Alert>
          )}
          <RadioGroup
            aria-label="What to make of it"
            value={into}
            onChange={(_event, value) => setInto(value as "run" | "project")}
          >
            <FormControlLabel value="run" control={<Radio />} label="Run it again" />
            <FormControlLabel value="project" control={<Radio />} label="Make a project of its code" />
          </RadioGroup>
          {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
          {data && data.differences.length > 0 && <Differences imported={data} />}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{data ? "Close" : "Cancel"}</Button>
        {data ? (
          <Button variant="contained" onClick={() => onImported(data)}>
            {data.run ? "Open the run" : "Open the project"}
          </Button>
        ) : (
          <Button variant="contained" disabled={!chosen} loading={isLoading} onClick={submit}>
            Import
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Differences({ imported }: { imported: Imported }): React.JSX.Element {
  return (
    <Alert severity="warning">
      It is there, but not all is as it was recorded:
      <ul style={{ margin: 0, paddingLeft: 16, overflowWrap: "anywhere" }}>
        {imported.differences.map(({ field, message }) => (
          <li key={field}>
            {field}: {message}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
