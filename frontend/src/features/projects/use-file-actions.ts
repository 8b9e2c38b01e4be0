import { useSnackbar } from "notistack";
import { useDispatch, useStore } from "react-redux";

import { useUndoToast } from "../../components/use-undo-toast";
import { originalsOf, type Changes } from "../../lib/file-merge";
import { freePath } from "../../lib/file-tree";
import { plural } from "../../lib/format";
import { importFiles, type Incoming } from "./import-files";
import {
  canRemove,
  changesMade,
  entrypointChosen,
  fileSelected,
  filesAdded,
  folderAdded,
  inProject,
  pathInFolder,
  pathMoved,
  pathRemoved,
  problemBeside,
  removedBy,
  removedRestored,
  type OpenProject,
} from "./project-slice";

export interface FileActions {
  open: (path: string) => void;
  runFirst: (path: string) => void;
  addFile: (path: string) => void;
  addFolder: (path: string) => void;
  move: (from: string, to: string) => void;
  /** Says so when there is something of that name already. */
  moveInto: (path: string, folder: string) => void;
  duplicate: (path: string) => void;
  remove: (path: string) => void;
  add: (incoming: readonly Incoming[]) => Promise<void>;
}

/** What the user does to the project's files; what takes something away can be undone for a while. */
export function useFileActions(project: OpenProject): FileActions {
  const dispatch = useDispatch();
  const { enqueueSnackbar } = useSnackbar();
  const store = useStore<{ project: OpenProject | null }>();
  const { id, name } = project;
  const offerUndo = useUndoToast(id);
  return {
    open: (path) => dispatch(fileSelected(path)),
    runFirst: (path) => dispatch(entrypointChosen(path)),
    addFile: (path) => dispatch(filesAdded({ files: { [path]: "" }, open: path })),
    addFolder: (path) => dispatch(folderAdded(path)),
    move: (from, to) => dispatch(pathMoved({ from, to })),
    moveInto: (path, folder) => {
      const to = pathInFolder(path, folder);
      const problem = problemBeside(project, to, path);
      if (problem === null) dispatch(pathMoved({ from: path, to }));
      else enqueueSnackbar(`${path} was not moved to ${to}: ${problem}`);
    },
    duplicate: (path) => {
      const copy = freePath(path, Object.keys(project.files));
      dispatch(filesAdded({ files: { [copy]: project.files[path] ?? "" }, open: copy }));
    },
    remove: (path) => {
      if (!canRemove(project, path)) {
        enqueueSnackbar("A project keeps at least one file.");
        return;
      }
      const removed = removedBy(project, path);
      dispatch(pathRemoved(path));
      offerUndo(`Deleted ${path}`, () => dispatch(inProject(id, removedRestored(removed))));
    },
    add: async (incoming) => {
      const { files, refused } = await importFiles(incoming, project.files);
      // Reading took a while: the project may have been left, or edited.
      const present = store.getState().project;
      if (present?.id !== id) {
        enqueueSnackbar(`Not added to ${name}: it was left before the files were read.`, { persist: true });
        return;
      }
      const before: Changes = originalsOf(files, present.files);
      const paths = Object.keys(files);
      const replaced = Object.values(before).filter((text) => text !== null).length;
      dispatch(inProject(id, filesAdded({ files })));
      if (paths.length > 0) {
        const note = replaced > 0 ? `, ${replaced} of them in the place of others` : "";
        offerUndo(`Added ${plural(paths.length, "file")}${note}`, () =>
          dispatch(inProject(id, changesMade(before))),
        );
      }
      const first = refused.slice(0, 3).join("; ");
      const more = refused.length > 3 ? `; and ${refused.length - 3} more` : "";
      if (refused.length > 0) enqueueSnackbar(`Not added: ${first}${more}`, { persist: true });
    },
  };
}
