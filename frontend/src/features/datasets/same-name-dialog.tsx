import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";

export type SameNameAnswer = "version" | "both" | "skip";

interface SameNameDialogProps {
  name: string;
  version: number;
  onAnswer: (answer: SameNameAnswer) => void;
}

/** Asks what to do with a file that is named like a dataset. */
export function SameNameDialog({ name, version, onAnswer }: SameNameDialogProps): React.JSX.Element {
  return (
    <Dialog open onClose={() => onAnswer("skip")} aria-labelledby="same-name">
      <DialogTitle id="same-name">{name} is there already</DialogTitle>
      <DialogContent>
        <DialogContentText>
          A new version becomes version {version + 1} of it; earlier versions stay, and so does what earlier
          runs were given.
        </DialogContentText>
      </DialogContent>
      <DialogActions>
        <Button onClick={() => onAnswer("skip")}>Skip</Button>
        <Button onClick={() => onAnswer("both")}>Keep both</Button>
        <Button variant="contained" autoFocus onClick={() => onAnswer("version")}>
          New version
        </Button>
      </DialogActions>
    </Dialog>
  );
}
