import MoreVertIcon from "@mui/icons-material/MoreVert";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import { useEffect, useRef } from "react";

import type { TreeRow } from "../../lib/file-tree";
import { FileIcon, FolderGlyph } from "./file-icon";

interface TreeLineProps {
  row: TreeRow;
  isOpen: boolean;
  isShown: boolean;
  isDirty: boolean;
  isEntrypoint: boolean;
  /** Whether Tab leads here; one line of a tree has that. */
  isCurrent: boolean;
  takesFocus: boolean;
  isTarget: boolean;
  onPress: () => void;
  onFocus: () => void;
  onMenu: (place: { x: number; y: number }) => void;
  onDragStart: (event: React.DragEvent) => void;
}

/** One file or folder. */
export function TreeLine(props: TreeLineProps): React.JSX.Element {
  const { row, isOpen, isShown, isDirty, isEntrypoint, isCurrent, takesFocus, isTarget } = props;
  const { node, level, position, siblings } = row;
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takesFocus) line.current?.focus();
  }, [takesFocus]);
  const menuAt = (event: React.MouseEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    const box = event.currentTarget.getBoundingClientRect();
    // The keyboard's context menu comes without a place.
    const isPlaced = event.clientX > 0 || event.clientY > 0;
    props.onMenu(isPlaced ? { x: event.clientX, y: event.clientY } : { x: box.left + 24, y: box.bottom });
  };
  return (
    <Box
      ref={line}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={node.kind === "folder" ? isOpen : undefined}
      aria-selected={isShown}
      aria-label={[node.name, isEntrypoint && "runs first", isDirty && "not saved"]
        .filter(Boolean)
        .join(", ")}
      data-path={node.path}
      tabIndex={isCurrent ? 0 : -1}
      draggable
      onClick={props.onPress}
      onFocus={props.onFocus}
      onContextMenu={menuAt}
      onDragStart={props.onDragStart}
      sx={{
        display: "flex",
        alignItems: "center",
        gap: 0.75,
        pl: 0.5 + (level - 1) * 1.5,
        minHeight: 28,
        cursor: "pointer",
        fontSize: 14,
        userSelect: "none",
        bgcolor: isTarget ? "action.focus" : isShown ? "action.selected" : undefined,
        outlineOffset: -2,
        "&:hover": { bgcolor: "action.hover" },
        "&:focus-visible": { outline: "2px solid", outlineColor: "primary.main" },
      }}
    >
      <Box sx={{ display: "flex", color: "text.secondary", fontSize: 18, ml: 0.5 }}>
        {node.kind === "folder" ? <FolderGlyph isOpen={isOpen} /> : <FileIcon name={node.name} />}
      </Box>
      <Box
        component="span"
        sx={{
          flex: 1,
          minWidth: 0,
          overflow: "hidden",
          textOverflow: "ellipsis",
          whiteSpace: "nowrap",
          fontWeight: isEntrypoint ? 600 : 400,
        }}
      >
        {node.name}
      </Box>
      {isEntrypoint && (
        <Box component="span" aria-hidden sx={{ color: "text.secondary", fontSize: 12 }}>
          ▸
        </Box>
      )}
      {isDirty && (
        <Box component="span" aria-hidden sx={{ color: "text.secondary" }}>
          ●
        </Box>
      )}
      <IconButton
        size="small"
        tabIndex={-1}
        aria-label={`Actions for ${node.path}`}
        aria-haspopup="menu"
        onClick={menuAt}
        sx={{ p: 0.5 }}
      >
        <MoreVertIcon sx={{ fontSize: 16 }} />
      </IconButton>
    </Box>
  );
}
