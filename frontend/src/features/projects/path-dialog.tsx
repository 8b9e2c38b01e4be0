import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { useState } from "react";

interface PathDialogProps {
  title: string;
  label: string;
  initial: string;
  help: string;
  action: string;
  /** Why this text cannot be used; null when it can. */
  problemOf: (text: string) => string | null;
  onNamed: (text: string) => void;
  onClose: () => void;
}

/** Asks for a path or a name, and says what is wrong with it. */
export function PathDialog({
  title,
  label,
  initial,
  help,
  action,
  problemOf,
  onNamed,
  onClose,
}: PathDialogProps): React.JSX.Element {
  const [text, setText] = useState(initial);
  const [touched, setTouched] = useState(false);
  const problem = problemOf(text.trim());

  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setTouched(true);
    if (!problem) onNamed(text.trim());
  };
  // The name is what one types over; what comes after it (".py") stays.
  const selectName = (event: React.FocusEvent<HTMLInputElement>): void => {
    const dot = initial.lastIndexOf(".");
    event.target.setSelectionRange(initial.lastIndexOf("/") + 1, dot > 0 ? dot : initial.length);
  };

  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="path-title">
      <form onSubmit={submit} noValidate>
        <DialogTitle id="path-title">{title}</DialogTitle>
        <DialogContent>
          <TextField
            autoFocus
            fullWidth
            margin="dense"
            label={label}
            value={text}
            onFocus={selectName}
            onChange={(event) => {
              setText(event.target.value);
              setTouched(true);
            }}
            error={touched && problem !== null}
            helperText={touched && problem ? problem : help}
            slotProps={{ htmlInput: { autoCapitalize: "none", spellCheck: false, autoComplete: "off" } }}
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained">
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
