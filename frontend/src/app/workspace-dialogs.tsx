import { useMeQuery } from "../api/base-api";
import { useUndoToast } from "../components/use-undo-toast";
import { Palette } from "../features/palette/palette";
import { ShortcutsDialog } from "../features/palette/shortcuts-dialog";
import { PathDialog } from "../features/projects/path-dialog";
import type { ProjectSaver, SaveState } from "../features/projects/project-saver";
import { changesMade, fileSelected, inProject, type OpenProject } from "../features/projects/project-slice";
import { LimitsDialog } from "../features/runs/limits-dialog";
import { limitsChosen, storeLimits } from "../features/runs/limits-slice";
import { RunOptionsDialog } from "../features/runs/run-options-dialog";
import { runOptionsChosen } from "../features/runs/run-options-slice";
import { SecretPicker } from "../features/secrets/secret-picker";
import { TemplateGallery } from "../features/templates/template-gallery";
import { changesBetween } from "../lib/file-merge";
import { nameOf, parentOf } from "../lib/file-tree";
import { reached } from "../lib/milestones";
import { ConflictDialog } from "./conflict-dialog";
import { useAppDispatch, useAppSelector } from "./store";
import type { ProjectCommands } from "./use-project-commands";
import { PALETTE_ITEMS, SHORTCUTS, type WorkspaceActions } from "./workspace-keys";

export type WorkspaceDialog =
  "templates" | "limits" | "options" | "files" | "palette" | "shortcuts" | "rename";

interface WorkspaceDialogsProps {
  project: OpenProject;
  saver: ProjectSaver;
  saved: SaveState;
  dialog: WorkspaceDialog | null;
  onDialog: (dialog: WorkspaceDialog | null) => void;
  actions: WorkspaceActions;
  commands: ProjectCommands;
  canRun: boolean;
  dark: boolean;
}

/** What lies over the workspace; a conflict before everything else. */
export function WorkspaceDialogs(props: WorkspaceDialogsProps): React.JSX.Element | null {
  const { project, saver, saved, dialog, onDialog, actions, commands, canRun, dark } = props;
  const limits = useAppSelector((state) => state.limits);
  const runOptions = useAppSelector((state) => state.runOptions);
  const { data: me } = useMeQuery();
  const dispatch = useAppDispatch();
  const offerUndo = useUndoToast(project.id);
  const close = (): void => onDialog(null);

  if (saved.status === "conflict") {
    return (
      <ConflictDialog
        paths={saved.paths}
        mine={project.files}
        theirs={saved.theirs.files}
        dark={dark}
        onChosen={(choice) => {
          const before = saver.resolve(choice);
          if (choice === "mine" || !before) return;
          const changes = changesBetween(saved.theirs.files, before.files);
          offerUndo("The other version is here now", () =>
            dispatch(inProject(project.id, changesMade(changes))),
          );
        }}
      />
    );
  }
  switch (dialog) {
    case null:
      return null;
    case "templates":
      return (
        <TemplateGallery
          onPicked={(template) => {
            close();
            reached("template");
            void commands.openTemplate(template);
          }}
          onClose={close}
        />
      );
    case "limits":
      return (
        <LimitsDialog
          limits={limits}
          quota={me?.quota}
          onChosen={(chosen) => {
            dispatch(limitsChosen(chosen));
            storeLimits(chosen);
            close();
          }}
          onClose={close}
        />
      );
    case "options":
      return (
        <RunOptionsDialog
          options={runOptions}
          domains={me?.quota.egress}
          canRun={canRun}
          secretPicker={(chosen, onChange) => <SecretPicker chosen={chosen} onChange={onChange} />}
          onChosen={(chosen, andRun) => {
            dispatch(runOptionsChosen(chosen));
            close();
            if (andRun) actions.run();
          }}
          onClose={close}
        />
      );
    case "files":
      return (
        <Palette
          label="Open a file"
          placeholder="Type a file's name"
          items={Object.keys(project.files).map((path) => ({
            id: path,
            text: path,
            hint: parentOf(path) && nameOf(path),
          }))}
          onChosen={({ id }) => {
            dispatch(fileSelected(id));
            close();
          }}
          onClose={close}
        />
      );
    case "palette":
      return (
        <Palette
          label="Command palette"
          placeholder="Type what to do"
          items={PALETTE_ITEMS}
          onChosen={({ id }) => {
            close();
            actions[id]();
          }}
          onClose={close}
        />
      );
    case "shortcuts":
      return <ShortcutsDialog shortcuts={SHORTCUTS} onClose={close} />;
    case "rename":
      return (
        <PathDialog
          title="Rename the project"
          label="Name"
          initial={project.name}
          help=" "
          action="Rename"
          problemOf={nameProblem}
          onNamed={(name) => {
            close();
            void commands.rename(name);
          }}
          onClose={close}
        />
      );
  }
}

function nameProblem(name: string): string | null {
  if (!name) return "Enter a name";
  return name.length > 200 ? "At most 200 characters" : null;
}
