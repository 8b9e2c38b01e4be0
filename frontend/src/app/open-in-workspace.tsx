import Button from "@mui/material/Button";
import { useSnackbar } from "notistack";
import { useCallback } from "react";
import { useNavigate } from "react-router-dom";

import { useSignedInUser } from "../api/services";
import { DraftSaver } from "../features/editor/draft-saver";
import { draftOpened, EMPTY_DRAFT, type Draft } from "../features/editor/draft-slice";
import { reached } from "../lib/milestones";
import { useAppDispatch } from "./store";

type Program = Pick<Draft, "title" | "files" | "entrypoint">;

/** Opens a program in the workspace, ready to run, in the place of what was there, which can be had back. */
export function useOpenInWorkspace(): (program: Program) => void {
  const user = useSignedInUser();
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  const { enqueueSnackbar, closeSnackbar } = useSnackbar();
  return useCallback(
    ({ title, files, entrypoint }) => {
      const saver = new DraftSaver(user.id);
      const before = saver.load() ?? EMPTY_DRAFT;
      // The workspace begins with what is stored; one that is there already follows the store.
      const put = (draft: Draft): void => {
        saver.save(draft);
        saver.flush();
        dispatch(draftOpened(draft));
      };
      put({ title, files, entrypoint, active: entrypoint });
      reached("template");
      void navigate("/");
      enqueueSnackbar(`Opened ${title}`, {
        autoHideDuration: 10_000,
        action: (key) => (
          <Button
            size="small"
            color="inherit"
            onClick={() => {
              put(before);
              closeSnackbar(key);
            }}
          >
            Undo
          </Button>
        ),
      });
    },
    [closeSnackbar, dispatch, enqueueSnackbar, navigate, user.id],
  );
}
