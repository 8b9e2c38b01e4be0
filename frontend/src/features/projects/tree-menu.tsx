import Divider from "@mui/material/Divider";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";

export type TreeCommand =
  "open" | "entrypoint" | "file" | "folder" | "rename" | "move" | "duplicate" | "remove";

interface TreeMenuProps {
  place: { x: number; y: number };
  isFolder: boolean;
  isEntrypoint: boolean;
  canRemove: boolean;
  onCommand: (command: TreeCommand) => void;
  onClose: () => void;
}

/** What can be done with a file or a folder. */
export function TreeMenu({
  place,
  isFolder,
  isEntrypoint,
  canRemove,
  onCommand,
  onClose,
}: TreeMenuProps): React.JSX.Element {
  const item = (command: TreeCommand, text: string, key = "", disabled = false): React.JSX.Element => (
    <MenuItem
      key={command}
      dense
      disabled={disabled}
      onClick={() => onCommand(command)}
      sx={{ gap: 3, justifyContent: "space-between" }}
    >
      {text}
      <span aria-hidden style={{ opacity: 0.7 }}>
        {key}
      </span>
    </MenuItem>
  );
  return (
    <Menu
      open
      onClose={onClose}
      anchorReference="anchorPosition"
      anchorPosition={{ left: place.x, top: place.y }}
    >
      {isFolder
        ? [item("file", "New file…"), item("folder", "New folder…")]
        : [item("open", "Open", "Enter"), item("entrypoint", "Run this file first", "", isEntrypoint)]}
      <Divider />
      {item("rename", "Rename…", "F2")}
      {item("move", "Move to…")}
      {!isFolder && item("duplicate", "Duplicate")}
      <Divider />
      {item("remove", "Delete", "Del", !canRemove)}
    </Menu>
  );
}
