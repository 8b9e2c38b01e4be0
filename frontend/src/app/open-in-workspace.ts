import { useSnackbar } from "notistack";
import { useCallback } from "react";
import { useNavigate } from "react-router-dom";

import { queryErrorText } from "../api/base-api";
import { useCreateProjectMutation, type NewProject } from "../features/projects/projects-api";

/** Opens a program in the workspace as a project of its own, ready to run. */
export function useOpenInWorkspace(): (program: NewProject) => Promise<void> {
  const navigate = useNavigate();
  const { enqueueSnackbar } = useSnackbar();
  const [createProject] = useCreateProjectMutation();
  return useCallback(
    async ({ name, files, entrypoint }) => {
      try {
        const { id } = await createProject({ name: name.slice(0, 200), files, entrypoint }).unwrap();
        await navigate(`/w/${id}`);
      } catch (error) {
        enqueueSnackbar(queryErrorText(error), { variant: "error", persist: true });
      }
    },
    [createProject, enqueueSnackbar, navigate],
  );
}
