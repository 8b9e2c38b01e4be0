import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { pathProblem } from "./draft-slice";

interface FileNameDialogProps {
  title: string;
  initial: string;
  taken: readonly string[];
  onNamed: (path: string) => void;
  onClose: () => void;
}

export function FileNameDialog({
  title,
  initial,
  taken,
  onNamed,
  onClose,
}: FileNameDialogProps): React.JSX.Element {
  const [path, setPath] = useState(initial);
  const [touched, setTouched] = useState(false);
  const problem = pathProblem(path.trim(), taken);

  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setTouched(true);
    if (!problem) onNamed(path.trim());
  };

  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="file-name-title">
      <form onSubmit={submit} noValidate>
        <DialogTitle id="file-name-title">{title}</DialogTitle>
        <DialogContent>
          <TextField
            autoFocus
            fullWidth
            margin="dense"
            label="Path"
            value={path}
            onChange={(event) => setPath(event.target.value)}
            error={touched && problem !== null}
            helperText={touched && problem ? problem : "For example model.py or src/model.py"}
            slotProps={{ htmlInput: { autoCapitalize: "none", spellCheck: false } }}
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained">
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
