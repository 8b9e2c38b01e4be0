import CreateNewFolderIcon from "@mui/icons-material/CreateNewFolderOutlined";
import DriveFolderUploadIcon from "@mui/icons-material/DriveFolderUploadOutlined";
import NoteAddIcon from "@mui/icons-material/NoteAddOutlined";
import UploadFileIcon from "@mui/icons-material/UploadFileOutlined";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useMemo, useState } from "react";

import { allFolders, buildTree, isWithin, parentOf, visibleRows, type TreeNode } from "../../lib/file-tree";
import { FileTree } from "./file-tree";
import { chosenFiles, droppedFiles, LIMITS_TEXT } from "./import-files";
import { MoveDialog } from "./move-dialog";
import { PathDialog } from "./path-dialog";
import { canRemove, dirtyPaths, problemBeside, type OpenProject } from "./project-slice";
import { TreeMenu, type TreeCommand } from "./tree-menu";
import { useFileActions, type FileActions } from "./use-file-actions";

/** What is being asked about a path. */
export type Question =
  { kind: "file" | "folder"; folder: string } | { kind: "rename" | "move"; path: string };

interface FilesPanelProps {
  project: OpenProject;
  /** A question that was put from elsewhere, for example by the palette. */
  question: Question | null;
  onQuestion: (question: Question | null) => void;
  /** A file was opened: on a phone the editor comes to the front. */
  onOpened: () => void;
}

/** The project's files and folders. */
export function FilesPanel({ project, question, onQuestion, onOpened }: FilesPanelProps): React.JSX.Element {
  const actions = useFileActions(project);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [menu, setMenu] = useState<{ node: TreeNode; place: { x: number; y: number } } | null>(null);
  const paths = Object.keys(project.files);
  const pathsKey = paths.join("\n");
  // Edits of a text change nothing about the tree.
  const nodes = useMemo(() => buildTree(pathsKey.split("\n"), project.folders), [pathsKey, project.folders]);
  const open = openFolders(project, toggled);
  const openFile = (path: string): void => {
    actions.open(path);
    onOpened();
  };
  const command = (node: TreeNode, chosen: TreeCommand): void => {
    setMenu(null);
    const { path } = node;
    if (chosen === "open") openFile(path);
    else if (chosen === "entrypoint") actions.runFirst(path);
    else if (chosen === "duplicate") actions.duplicate(path);
    else if (chosen === "remove") actions.remove(path);
    else if (chosen === "rename" || chosen === "move") onQuestion({ kind: chosen, path });
    else onQuestion({ kind: chosen, folder: path });
  };

  return (
    <Box
      component="section"
      aria-label="Files"
      sx={{ display: "flex", flexDirection: "column", height: "100%", minWidth: 0 }}
    >
      <Toolbar onQuestion={onQuestion} onFiles={(files) => void actions.add(chosenFiles(files, ""))} />
      <FileTree
        rows={visibleRows(nodes, open)}
        open={open}
        shown={project.active}
        entrypoint={project.entrypoint}
        dirty={new Set(dirtyPaths(project))}
        onToggle={(folder) => setToggled(flip(toggled, folder))}
        onOpen={openFile}
        onRename={(path) => onQuestion({ kind: "rename", path })}
        onRemove={actions.remove}
        onMenu={(node, place) => setMenu({ node, place })}
        onMoved={actions.moveInto}
        onDropped={(transfer, folder) => void droppedFiles(transfer, folder).then(actions.add)}
      />
      <Typography variant="caption" color="textSecondary" sx={{ px: 1.5, py: 0.75, lineHeight: 1.4 }}>
        Drop files or a folder here. {LIMITS_TEXT}
      </Typography>
      {menu && (
        <TreeMenu
          place={menu.place}
          isFolder={menu.node.kind === "folder"}
          isEntrypoint={menu.node.path === project.entrypoint}
          canRemove={canRemove(project, menu.node.path)}
          onCommand={(chosen) => command(menu.node, chosen)}
          onClose={() => setMenu(null)}
        />
      )}
      {question && (
        <QuestionDialog
          project={project}
          question={question}
          actions={actions}
          onClose={() => onQuestion(null)}
        />
      )}
    </Box>
  );
}

/** Folders begin open; those above the file on the screen are, until they are closed. */
function openFolders(project: OpenProject, toggled: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    allFolders(Object.keys(project.files), project.folders).filter((folder) => !toggled.has(folder)),
  );
}

function flip(set: ReadonlySet<string>, item: string): ReadonlySet<string> {
  const flipped = new Set(set);
  if (!flipped.delete(item)) flipped.add(item);
  return flipped;
}

interface QuestionDialogProps {
  project: OpenProject;
  question: Question;
  actions: FileActions;
  onClose: () => void;
}

function QuestionDialog({ project, question, actions, onClose }: QuestionDialogProps): React.JSX.Element {
  if (question.kind === "move") {
    const { path } = question;
    const folders = ["", ...allFolders(Object.keys(project.files), project.folders)];
    return (
      <MoveDialog
        path={path}
        folders={folders.filter((folder) => parentOf(path) !== folder && !isWithin(folder, path))}
        onMoved={(folder) => {
          actions.moveInto(path, folder);
          onClose();
        }}
        onClose={onClose}
      />
    );
  }
  const isRename = question.kind === "rename";
  const initial = "path" in question ? question.path : question.folder && `${question.folder}/`;
  const named = (path: string): void => {
    if (isRename) actions.move(question.path, path);
    else if (question.kind === "file") actions.addFile(path);
    else actions.addFolder(path);
    onClose();
  };
  return (
    <PathDialog
      title={isRename ? `Rename ${question.path}` : question.kind === "file" ? "New file" : "New folder"}
      label="Path"
      initial={initial}
      help={question.kind === "folder" ? "For example src" : "For example model.py or src/model.py"}
      action={isRename ? "Rename" : "Create"}
      problemOf={(path) => problemBeside(project, path, isRename ? question.path : null)}
      onNamed={named}
      onClose={onClose}
    />
  );
}

interface ToolbarProps {
  onQuestion: (question: Question) => void;
  onFiles: (files: FileList) => void;
}

function Toolbar({ onQuestion, onFiles }: ToolbarProps): React.JSX.Element {
  const button = (label: string, icon: React.JSX.Element, onClick: () => void): React.JSX.Element => (
    <Tooltip title={label}>
      <IconButton size="small" aria-label={label} onClick={onClick}>
        {icon}
      </IconButton>
    </Tooltip>
  );
  return (
    <Box
      sx={{
        display: "flex",
        alignItems: "center",
        pl: 1.5,
        pr: 0.5,
        minHeight: 40,
        borderBottom: 1,
        borderColor: "divider",
      }}
    >
      <Typography component="h2" variant="subtitle2" sx={{ flex: 1 }}>
        Files
      </Typography>
      {button("New file", <NoteAddIcon fontSize="small" />, () => onQuestion({ kind: "file", folder: "" }))}
      {button("New folder", <CreateNewFolderIcon fontSize="small" />, () =>
        onQuestion({ kind: "folder", folder: "" }),
      )}
      {button("Add files", <UploadFileIcon fontSize="small" />, () => chooseFiles(false, onFiles))}
      {button("Add a folder", <DriveFolderUploadIcon fontSize="small" />, () => chooseFiles(true, onFiles))}
    </Box>
  );
}

/** The browser's own dialog for files, or for one folder. */
function chooseFiles(folder: boolean, onFiles: (files: FileList) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.webkitdirectory = folder;
  input.onchange = () => input.files && onFiles(input.files);
  input.click();
}
