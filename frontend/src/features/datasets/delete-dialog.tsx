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
import TextField from "@mui/material/TextField";
import { useState, type SyntheticEvent } from "react";

import { queryErrorText } from "../../api/base-api";
import { useDeleteDatasetMutation, type Dataset } from "../../api/datasets-api";

interface DeleteDialogProps {
  dataset: Dataset;
  onDeleted: () => void;
  onClose: () => void;
}

/** Nothing brings a dataset back, so its name has to be typed. */
export function DeleteDialog({ dataset, onDeleted, onClose }: DeleteDialogProps): React.JSX.Element {
  const [typed, setTyped] = useState("");
  const [scope, setScope] = useState<"one" | "all">("one");
  const [remove, { isLoading, error }] = useDeleteDatasetMutation();
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void remove({ id: dataset.id, allVersions: scope === "all" })
      .unwrap()
      .then(onDeleted, () => undefined);
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="delete-dataset" fullWidth maxWidth="xs">
      <form onSubmit={submit}>
        <DialogTitle id="delete-dataset">Delete {dataset.name}?</DialogTitle>
        <DialogContent>
          <DialogContentText>
            It cannot be brought back. Runs that used it keep their results, and say which version it was.
          </DialogContentText>
          {dataset.versions > 1 && (
            <RadioGroup
              aria-label="What to delete"
              value={scope}
              onChange={(_event, value) => setScope(value === "all" ? "all" : "one")}
            >
              <FormControlLabel
                value="one"
                control={<Radio />}
                label={`Only this version, v${dataset.version}`}
              />
              <FormControlLabel value="all" control={<Radio />} label={`All ${dataset.versions} versions`} />
            </RadioGroup>
          )}
          <TextField
            label={`Type ${dataset.name} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoFocus
            fullWidth
            autoComplete="off"
            sx={{ mt: 2 }}
          />
          {error && (
            <Alert severity="error" sx={{ mt: 2 }}>
              {queryErrorText(error)}
            </Alert>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            color="error"
            variant="contained"
            loading={isLoading}
            disabled={typed !== dataset.name}
          >
            Delete
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
