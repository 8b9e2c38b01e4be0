import { useSnackbar } from "notistack";

import { queryErrorText } from "../api/base-api";
import {
  useChangeProjectMutation,
  useCreateProjectMutation,
  useDeleteProjectMutation,
  type NewProject,
} from "../api/projects-api";
import type { Template } from "../api/types";
import { useUndoToast } from "../components/use-undo-toast";
import {
  FIRST_PROGRAM,
  inProject,
  programReplaced,
  projectRenamed,
  type OpenProject,
  type Program,
} from "../features/projects/project-slice";
import { useAppDispatch } from "./store";
import { useLaterNavigate } from "./use-later-navigate";

export interface ProjectCommands {
  create: (project?: NewProject) => Promise<void>;
  rename: (name: string) => Promise<void>;
  duplicate: () => Promise<void>;
  remove: () => Promise<void>;
  openTemplate: (template: Template) => Promise<void>;
}

/** What the user does to projects as a whole; every failure is said. */
export function useProjectCommands(project: OpenProject): ProjectCommands {
  const navigateLater = useLaterNavigate();
  const dispatch = useAppDispatch();
  const { enqueueSnackbar } = useSnackbar();
  const [createProject] = useCreateProjectMutation();
  const [changeProject] = useChangeProjectMutation();
  const [deleteProject] = useDeleteProjectMutation();
  const { id, name, files, entrypoint } = project;

  const saying = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) =>
      enqueueSnackbar(queryErrorText(error), { variant: "error", persist: true }),
    );
  };
  const offerUndo = useUndoToast();
  const offerUndoHere = useUndoToast(id);
  const makeAndOpen = async (made: NewProject): Promise<void> => {
    const go = navigateLater();
    const { id: newId } = await createProject(made).unwrap();
    await go(`/w/${newId}`);
  };
  const removeAndLeave = async (): Promise<void> => {
    const go = navigateLater();
    await deleteProject(id).unwrap();
    await go("/");
    offerUndo(`Deleted the project ${name}`, () => void saying(makeAndOpen({ name, files, entrypoint })));
  };
  const renameTo = async (newName: string): Promise<void> => {
    const { version } = await changeProject({ id, change: { name: newName } }).unwrap();
    dispatch(inProject(id, projectRenamed({ name: newName, version })));
  };
  const replace = (program: Program, newName: string): Promise<void> => {
    dispatch(inProject(id, programReplaced(program)));
    return saying(renameTo(newName));
  };

  return {
    create: (made = { name: "Untitled", ...FIRST_PROGRAM }) => saying(makeAndOpen(made)),
    rename: (newName) => saying(renameTo(newName)),
    duplicate: () => saying(makeAndOpen({ name: `${name} copy`.slice(0, 200), files, entrypoint })),
    remove: () => saying(removeAndLeave()),
    openTemplate: async (template) => {
      const begun = { files: template.files, entrypoint: template.entrypoint };
      // A project nobody has touched becomes the template; else it is a new one.
      if (!isUntouched(project)) return saying(makeAndOpen({ name: template.title, ...begun }));
      offerUndoHere(`Opened ${template.title}`, () => void replace({ files, entrypoint }, name));
      return replace(begun, template.title);
    },
  };
}

function isUntouched({ name, files, entrypoint }: OpenProject): boolean {
  const paths = Object.keys(FIRST_PROGRAM.files);
  return (
    name === "Untitled" &&
    entrypoint === FIRST_PROGRAM.entrypoint &&
    Object.keys(files).length === paths.length &&
    paths.every((path) => files[path] === FIRST_PROGRAM.files[path])
  );
}
