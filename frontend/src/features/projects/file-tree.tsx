import Box from "@mui/material/Box";
import { useState } from "react";

import { isWithin, parentOf, type TreeNode, type TreeRow } from "../../lib/file-tree";
import { nextByLetter, treeKey } from "./tree-keys";
import { TreeLine } from "./tree-line";

const DRAGGED = "application/x-byteme-path";

interface FileTreeProps {
  rows: readonly TreeRow[];
  open: ReadonlySet<string>;
  shown: string | null;
  entrypoint: string;
  dirty: ReadonlySet<string>;
  onToggle: (folder: string) => void;
  onOpen: (path: string) => void;
  onRename: (path: string) => void;
  onRemove: (path: string) => void;
  onMenu: (node: TreeNode, place: { x: number; y: number }) => void;
  /** A line of the tree was dropped on a folder ("" is the top). */
  onMoved: (path: string, folder: string) => void;
  /** Something from outside the page was dropped there. */
  onDropped: (transfer: DataTransfer, folder: string) => void;
}

/** The files and folders with the keys of a tree; lines can be dragged, and files from the desktop dropped. */
export function FileTree(props: FileTreeProps): React.JSX.Element {
  const { rows, open, shown, onToggle, onOpen } = props;
  const [current, setCurrent] = useState<string | null>(null);
  const [wantsFocus, setWantsFocus] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const reachable = rows.some(({ node }) => node.path === current) ? current : (shown ?? rows[0]?.node.path);
  const isReachable = rows.some(({ node }) => node.path === reachable);

  const focus = (path: string): void => {
    setCurrent(path);
    setWantsFocus(path);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = rows.findIndex(({ node }) => node.path === reachable);
    const act = { focus, toggle: onToggle, open: onOpen, rename: props.onRename, remove: props.onRemove };
    const isDone = treeKey(event.key, rows, at, open, act);
    const byLetter = !isDone && /^[\w.]$/.test(event.key) ? nextByLetter(rows, at, event.key) : null;
    if (byLetter) focus(byLetter);
    if (isDone || byLetter) event.preventDefault();
  };
  const drop = (event: React.DragEvent): void => {
    const folder = folderUnder(event, rows);
    const dragged = event.dataTransfer.getData(DRAGGED);
    event.preventDefault();
    setTarget(null);
    if (!dragged) props.onDropped(event.dataTransfer, folder);
    else if (parentOf(dragged) !== folder && !isWithin(folder, dragged)) props.onMoved(dragged, folder);
  };

  return (
    <Box
      role="tree"
      aria-label="Project files"
      onKeyDown={onKeyDown}
      onDragOver={(event) => {
        event.preventDefault();
        setTarget(folderUnder(event, rows));
      }}
      onDragLeave={() => setTarget(null)}
      onDrop={drop}
      sx={{
        flex: 1,
        minHeight: 0,
        overflow: "auto",
        py: 0.5,
        outline: target === "" ? "2px dashed" : "none",
        outlineColor: "primary.main",
        outlineOffset: -4,
      }}
    >
      {rows.map((row, index) => {
        const { path, kind } = row.node;
        return (
          <TreeLine
            key={path}
            row={row}
            isOpen={open.has(path)}
            isShown={path === shown}
            isDirty={props.dirty.has(path)}
            isEntrypoint={path === props.entrypoint}
            isCurrent={isReachable ? path === reachable : index === 0}
            takesFocus={path === wantsFocus}
            isTarget={kind === "folder" && path === target}
            onPress={() => (kind === "folder" ? onToggle(path) : onOpen(path))}
            onFocus={() => {
              setCurrent(path);
              setWantsFocus(null);
            }}
            onMenu={(place) => props.onMenu(row.node, place)}
            onDragStart={(event) => event.dataTransfer.setData(DRAGGED, path)}
          />
        );
      })}
    </Box>
  );
}

/** The folder that something held over the tree would go to: the line's, or the one its file lies in. */
function folderUnder(event: React.DragEvent, rows: readonly TreeRow[]): string {
  const line = (event.target as HTMLElement).closest<HTMLElement>("[data-path]");
  const node = rows.find((row) => row.node.path === line?.dataset.path)?.node;
  if (!node) return "";
  return node.kind === "folder" ? node.path : parentOf(node.path);
}
