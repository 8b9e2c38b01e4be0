import { useSnackbar } from "notistack";
import { useCallback } from "react";

import { queryErrorText } from "../api/base-api";
import { useCreateProjectMutation, type NewProject } from "../api/projects-api";
import { limitsChosen, type ChosenLimits } from "../features/runs/limits-slice";
import { runOptionsBegun, type RunOptions } from "../features/runs/run-options-slice";
import { useAppDispatch } from "./store";
import { useLaterNavigate, type Go } from "./use-later-navigate";
import { storeMounts } from "./use-mounts";

/** What the program's runs are given there. */
export interface Given {
  options: RunOptions;
  limits: ChosenLimits;
}

/** Opens a program in the workspace as a project of its own, ready to run; `go` is the way there of what began before. */
export function useOpenInWorkspace(): (program: NewProject, given?: Given, go?: Go) => Promise<void> {
  const navigateLater = useLaterNavigate();
  const dispatch = useAppDispatch();
  const { enqueueSnackbar } = useSnackbar();
  const [createProject] = useCreateProjectMutation();
  return useCallback(
    async ({ name, files, entrypoint }, given, go = navigateLater()) => {
      try {
        const { id } = await createProject({ name: name.slice(0, 200), files, entrypoint }).unwrap();
        if (given) storeMounts(id, given.options.datasets);
        // Elsewhere, the options and limits on the screen are another project's.
        if (given && go.isOpen()) {
          dispatch(runOptionsBegun({ project: id, options: given.options }));
          dispatch(limitsChosen(given.limits));
        }
        await go(`/w/${id}`);
      } catch (error) {
        enqueueSnackbar(queryErrorText(error), { variant: "error", persist: true });
      }
    },
    [createProject, dispatch, enqueueSnackbar, navigateLater],
  );
}
