import CloseIcon from "@mui/icons-material/Close";
import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";

import { nameOf, parentOf } from "../../lib/file-tree";

interface FileTabsProps {
  tabs: readonly string[];
  active: string | null;
  entrypoint: string;
  dirty: ReadonlySet<string>;
  onSelected: (path: string) => void;
  onClosed: (path: string) => void;
}

/** One tab per open file; a dot for what is not saved yet, and a cross (or the middle button, or Delete) to close it. */
export function FileTabs({
  tabs,
  active,
  entrypoint,
  dirty,
  onSelected,
  onClosed,
}: FileTabsProps): React.JSX.Element {
  const close = (path: string) => (event: React.SyntheticEvent) => {
    event.preventDefault();
    event.stopPropagation();
    onClosed(path);
  };
  return (
    <Tabs
      value={active ?? false}
      onChange={(_event, path: string) => onSelected(path)}
      variant="scrollable"
      scrollButtons="auto"
      aria-label="Open files"
      sx={{ minHeight: 40, minWidth: 0, borderBottom: 1, borderColor: "divider" }}
    >
      {tabs.map((path) => (
        <Tab
          key={path}
          value={path}
          title={path}
          aria-label={[path, path === entrypoint && "runs first", dirty.has(path) && "not saved"]
            .filter(Boolean)
            .join(", ")}
          label={
            <TabLabel
              path={path}
              isAmbiguous={isAmbiguous(path, tabs)}
              isDirty={dirty.has(path)}
              onClose={close(path)}
            />
          }
          onAuxClick={(event) => event.button === 1 && close(path)(event)}
          onKeyDown={(event) => event.key === "Delete" && close(path)(event)}
          sx={{ minHeight: 40, py: 0, pl: 1.5, pr: 0.5, textTransform: "none", minWidth: 0, maxWidth: 260 }}
        />
      ))}
    </Tabs>
  );
}

interface TabLabelProps {
  path: string;
  isAmbiguous: boolean;
  isDirty: boolean;
  onClose: (event: React.SyntheticEvent) => void;
}

function TabLabel({ path, isAmbiguous, isDirty, onClose }: TabLabelProps): React.JSX.Element {
  return (
    <Box component="span" sx={{ display: "flex", alignItems: "center", gap: 0.5, minWidth: 0 }}>
      <Box component="span" sx={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
        {nameOf(path)}
        {isAmbiguous && (
          <Box component="span" sx={{ opacity: 0.75, fontSize: 12, ml: 0.75 }}>
            {parentOf(path) || "top"}
          </Box>
        )}
      </Box>
      {/* For the mouse; the keyboard has Delete. A button within a tab would be no button to a screen reader. */}
      <Box
        component="span"
        aria-hidden
        data-close={path}
        onClick={onClose}
        sx={{
          display: "grid",
          placeItems: "center",
          width: 24,
          height: 24,
          borderRadius: 1,
          fontSize: 16,
          "& .cross": { display: isDirty ? "none" : "block" },
          "&:hover": {
            bgcolor: "action.hover",
            "& .cross": { display: "block" },
            "& .dot": { display: "none" },
          },
        }}
      >
        {isDirty && <span className="dot">●</span>}
        <CloseIcon className="cross" fontSize="inherit" />
      </Box>
    </Box>
  );
}

function isAmbiguous(path: string, tabs: readonly string[]): boolean {
  return tabs.some((other) => other !== path && nameOf(other) === nameOf(path));
}
