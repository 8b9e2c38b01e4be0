import Button from "@mui/material/Button";
import { closeSnackbar, useSnackbar } from "notistack";
import { useCallback } from "react";

const UNDO_MS = 10_000;

/** Says what was done, with a button that takes it back for a while. */
export function useUndoToast(): (message: string, undo: () => void) => void {
  const { enqueueSnackbar } = useSnackbar();
  return useCallback(
    (message, undo) => {
      enqueueSnackbar(message, {
        autoHideDuration: UNDO_MS,
        action: (key) => (
          <Button
            size="small"
            color="inherit"
            onClick={() => {
              closeSnackbar(key);
              undo();
            }}
          >
            Undo
          </Button>
        ),
      });
    },
    [enqueueSnackbar],
  );
}
