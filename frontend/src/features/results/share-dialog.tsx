import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import InputAdornment from "@mui/material/InputAdornment";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";

import { queryErrorText } from "../../api/base-api";
import { useShareRunMutation, useUnshareRunMutation } from "../../api/results-api";
import type { Run } from "../../api/types";
import { CopyButton } from "../../components/copy-button";

/** A link by which others may look at a run; it is shown once, and dies when it is revoked. */
export function ShareDialog({ run, onClose }: { run: Run; onClose: () => void }): React.JSX.Element {
  const [share, { data: link, error: refused, isLoading, reset }] = useShareRunMutation();
  const [unshare, { error: kept, isLoading: isRevoking }] = useUnshareRunMutation();
  const url = link && new URL(link.url, location.origin).href;
  const error = refused ?? kept;
  const revoke = (): void => {
    unshare(run.id)
      .unwrap()
      .then(reset, () => undefined); // shown below
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="share-title">
      <DialogTitle id="share-title">Share this run</DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <DialogContentText>
            Whoever signs in to this installation and has the link may look at the run&apos;s output, metrics,
            files and code. Nobody sees its variables, secrets, data or notes, and nothing can be changed.
          </DialogContentText>
          {url ? (
            <TextField
              label="Link"
              value={url}
              helperText="Copy it now: it is not shown again."
              slotProps={{
                input: {
                  readOnly: true,
                  endAdornment: (
                    <InputAdornment position="end">
                      <CopyButton text={url} label="Copy the link" />
                    </InputAdornment>
                  ),
                },
              }}
            />
          ) : (
            run.shared_at && (
              <Alert severity="info">
                There is a link since {new Date(run.shared_at).toLocaleString()}. A new one takes its place.
              </Alert>
            )
          )}
          {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
        </Stack>
      </DialogContent>
      <DialogActions>
        {(run.shared_at ?? link) && (
          <Button color="error" loading={isRevoking} onClick={revoke}>
            Revoke the link
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
        {!link && (
          <Button variant="contained" loading={isLoading} onClick={() => void share(run.id)}>
            {run.shared_at ? "Make a new link" : "Make a link"}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
