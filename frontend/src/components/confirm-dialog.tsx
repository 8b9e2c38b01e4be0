import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import { useId, useState, type ReactNode } from "react";

interface ConfirmDialogProps {
  title: string;
  children: ReactNode;
  /** What the button that does it says. */
  action: string;
  danger?: boolean;
  /** There is nothing to do yet. */
  disabled?: boolean;
  /** Rejects with what went wrong; the dialog then stays and says so. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  describe: (error: unknown) => string;
}

/** Asks before something that others feel is done, does it, and closes once it is done. */
export function ConfirmDialog({
  title,
  children,
  action,
  danger,
  disabled,
  onConfirm,
  onClose,
  describe,
}: ConfirmDialogProps): React.JSX.Element {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setFailure(describe(error));
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby={`${id}-title`}>
      <DialogTitle id={`${id}-title`}>{title}</DialogTitle>
      <DialogContent>
        <DialogContentText component="div">{children}</DialogContentText>
        {failure && (
          <Alert severity="error" sx={{ mt: 2 }}>
            {failure}
          </Alert>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Keep as it is</Button>
        <Button
          variant="contained"
          color={danger ? "error" : "primary"}
          loading={busy}
          disabled={disabled}
          onClick={() => void confirm()}
        >
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
