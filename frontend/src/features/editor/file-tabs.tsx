import AddIcon from "@mui/icons-material/Add";
import MoreVertIcon from "@mui/icons-material/MoreVert";
import Box from "@mui/material/Box";
import Divider from "@mui/material/Divider";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";
import { useDispatch } from "react-redux";

import {
  entrypointChosen,
  fileAdded,
  fileRemoved,
  fileRenamed,
  fileSelected,
  type Draft,
} from "./draft-slice";
import { FileNameDialog } from "./file-name-dialog";

/** One tab per file, the entry point marked; new files by the plus, the rest in the menu of the selected file. */
export function FileTabs({ draft }: { draft: Draft }): React.JSX.Element {
  const dispatch = useDispatch();
  const [naming, setNaming] = useState<"add" | "rename" | null>(null);
  const paths = Object.keys(draft.files);

  const named = (path: string): void => {
    if (naming === "rename") dispatch(fileRenamed({ from: draft.active, to: path }));
    else dispatch(fileAdded(path));
    setNaming(null);
  };

  return (
    <Box sx={{ display: "flex", alignItems: "center", borderBottom: 1, borderColor: "divider", pr: 0.5 }}>
      <Tabs
        value={draft.active}
        onChange={(_event, path: string) => dispatch(fileSelected(path))}
        variant="scrollable"
        scrollButtons="auto"
        aria-label="Files"
        sx={{ minHeight: 40, minWidth: 0 }}
      >
        {paths.map((path) => (
          <Tab
            key={path}
            value={path}
            label={path === draft.entrypoint && paths.length > 1 ? `▸ ${path}` : path}
            aria-label={path === draft.entrypoint ? `${path} (runs first)` : path}
            sx={{ minHeight: 40, py: 0, textTransform: "none" }}
          />
        ))}
      </Tabs>
      <Tooltip title="New file">
        <IconButton size="small" aria-label="New file" onClick={() => setNaming("add")}>
          <AddIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      <Box sx={{ flex: 1 }} />
      <FileMenu draft={draft} onRename={() => setNaming("rename")} />
      {naming && (
        <FileNameDialog
          title={naming === "add" ? "New file" : `Rename ${draft.active}`}
          initial={naming === "add" ? "" : draft.active}
          taken={paths.filter((path) => naming === "add" || path !== draft.active)}
          onNamed={named}
          onClose={() => setNaming(null)}
        />
      )}
    </Box>
  );
}

function FileMenu({ draft, onRename }: { draft: Draft; onRename: () => void }): React.JSX.Element {
  const dispatch = useDispatch();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const pick = (action: () => void) => () => {
    setAnchor(null);
    action();
  };
  return (
    <>
      <Tooltip title="File actions">
        <IconButton
          size="small"
          aria-label={`Actions for ${draft.active}`}
          aria-haspopup="menu"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          <MoreVertIcon fontSize="small" />
        </IconButton>
      </Tooltip>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem
          disabled={draft.active === draft.entrypoint}
          onClick={pick(() => dispatch(entrypointChosen(draft.active)))}
        >
          Run this file
        </MenuItem>
        <MenuItem onClick={pick(onRename)}>Rename…</MenuItem>
        <Divider />
        <MenuItem
          disabled={Object.keys(draft.files).length === 1}
          onClick={pick(() => dispatch(fileRemoved(draft.active)))}
        >
          Delete {draft.active}
        </MenuItem>
      </Menu>
    </>
  );
}
