import Button from "@mui/material/Button";
import { useSnackbar, type SnackbarKey } from "notistack";
import { useCallback } from "react";

import { CloseButton } from "../components/close-button";
import { failureDetails, queryErrorText } from "./base-api";

/** Tells of a failed request in a toast that stays until it is closed, with what a support request needs to name. */
export function useFailureToast(): (error: unknown) => void {
  const { enqueueSnackbar, closeSnackbar } = useSnackbar();
  return useCallback(
    (error) => {
      const details = failureDetails(error);
      const action = (key: SnackbarKey): React.JSX.Element => (
        <>
          {details && (
            <Button
              color="inherit"
              size="small"
              onClick={() => {
                closeSnackbar(key);
                enqueueSnackbar(`${queryErrorText(error)} ${details}`, {
                  variant: "error",
                  persist: true,
                  action: (again) => <CloseButton onClick={() => closeSnackbar(again)} />,
                });
              }}
            >
              Details
            </Button>
          )}
          <CloseButton onClick={() => closeSnackbar(key)} />
        </>
      );
      enqueueSnackbar(queryErrorText(error), { variant: "error", persist: true, action });
    },
    [closeSnackbar, enqueueSnackbar],
  );
}
