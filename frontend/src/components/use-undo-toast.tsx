import Button from "@mui/material/Button";
import { closeSnackbar, useSnackbar, type SnackbarKey } from "notistack";
import { useCallback } from "react";

export const UNDO_MS = 10_000;
const shownAt = new Map<string, SnackbarKey[]>();

/** Says what was done, with a button that takes it back for a while; `place` is where it can be taken back, anywhere if none. */
export function useUndoToast(place?: string): (message: string, undo: () => void) => void {
  const { enqueueSnackbar } = useSnackbar();
  return useCallback(
    (message, undo) => {
      const shown = enqueueSnackbar(message, {
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
      if (place !== undefined) shownAt.set(place, [...(shownAt.get(place) ?? []), shown]);
    },
    [enqueueSnackbar, place],
  );
}

/** For when the place is left. */
export function closeUndoToasts(place: string): void {
  for (const key of shownAt.get(place) ?? []) closeSnackbar(key);
  shownAt.delete(place);
}
