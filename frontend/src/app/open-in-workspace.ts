import { useCallback } from "react";
import { useNavigate } from "react-router-dom";

import { useSignedInUser } from "../api/services";
import { DraftSaver } from "../features/editor/draft-saver";
import { draftOpened, type Draft } from "../features/editor/draft-slice";
import { reached } from "../lib/milestones";
import { useAppDispatch } from "./store";

type Program = Pick<Draft, "title" | "files" | "entrypoint">;

/** Opens a program in the workspace, ready to run, in the place of what was there. */
export function useOpenInWorkspace(): (program: Program) => void {
  const user = useSignedInUser();
  const dispatch = useAppDispatch();
  const navigate = useNavigate();
  return useCallback(
    ({ title, files, entrypoint }) => {
      const draft = { title, files, entrypoint, active: entrypoint };
      // The workspace begins with what is stored.
      const saver = new DraftSaver(user.id);
      saver.save(draft);
      saver.flush();
      dispatch(draftOpened(draft));
      reached("template");
      void navigate("/");
    },
    [dispatch, navigate, user.id],
  );
}
