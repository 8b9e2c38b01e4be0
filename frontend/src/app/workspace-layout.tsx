import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { ReactNode } from "react";
import { Group, Panel, useDefaultLayout } from "react-resizable-panels";

import { ResizeHandle } from "../components/resize-handle";

export type Pane = "code" | "output" | "results" | "runs" | "files";

interface WorkspaceLayoutProps {
  panes: Record<Pane, ReactNode>;
  /** The pane in front where only one fits; beside the others, which of results and runs is shown. */
  pane: Pane;
  onPane: (pane: Pane) => void;
  /** Where all fit: those that the user has put away. */
  hidden: ReadonlySet<Pane>;
}

const LABELS: Record<Pane, string> = {
  code: "Code",
  output: "Output",
  results: "Results",
  runs: "Runs",
  files: "Files",
};

/** Files, editor over output, results and runs beside each other; every border can be moved, and is remembered. */
export function WideLayout({ panes, pane, onPane, hidden }: WorkspaceLayoutProps): React.JSX.Element {
  const hasFiles = !hidden.has("files");
  const columns = useDefaultLayout({
    id: "byteme.workspace-columns",
    panelIds: hasFiles ? ["files", "main", "side"] : ["main", "side"],
  });
  const side = pane === "runs" ? "runs" : "results";
  return (
    <Group
      id="byteme.workspace-columns"
      orientation="horizontal"
      defaultLayout={columns.defaultLayout}
      onLayoutChanged={columns.onLayoutChanged}
    >
      {hasFiles && (
        <Panel id="files" defaultSize="18%" minSize="10%">
          <Box data-pane="files" sx={{ height: "100%" }}>
            {panes.files}
          </Box>
        </Panel>
      )}
      {hasFiles && <ResizeHandle label="Width of the files" />}
      <Panel id="main" defaultSize="54%" minSize="25%">
        <MainColumn panes={panes} hasOutput={!hidden.has("output")} />
      </Panel>
      <ResizeHandle label="Width of the results" />
      <Panel id="side" defaultSize="28%" minSize="15%">
        <Box data-pane="side" sx={{ display: "flex", flexDirection: "column", height: "100%" }}>
          <PaneTabs shown={["results", "runs"]} pane={side} onPane={onPane} />
          <SidePane pane={side} content={panes[side]} />
        </Box>
      </Panel>
    </Group>
  );
}

interface MainColumnProps {
  panes: Record<Pane, ReactNode>;
  hasOutput: boolean;
}

function MainColumn({ panes, hasOutput }: MainColumnProps): React.JSX.Element {
  const rows = useDefaultLayout({ id: "byteme.rows", panelIds: hasOutput ? ["code", "output"] : ["code"] });
  return (
    <Group
      id="byteme.rows"
      orientation="vertical"
      defaultLayout={rows.defaultLayout}
      onLayoutChanged={rows.onLayoutChanged}
    >
      <Panel id="code" defaultSize="55%" minSize="15%">
        <Box data-pane="code" sx={{ height: "100%" }}>
          {panes.code}
        </Box>
      </Panel>
      {hasOutput && <ResizeHandle label="Height of the editor" />}
      {hasOutput && (
        <Panel id="output" defaultSize="45%" minSize="15%">
          <Box data-pane="output" sx={{ height: "100%" }}>
            {panes.output}
          </Box>
        </Panel>
      )}
    </Group>
  );
}

/** One pane at a time with tabs below; the hidden ones stay as they are. */
export function NarrowLayout({ panes, pane, onPane }: WorkspaceLayoutProps): React.JSX.Element {
  const shownIf = (name: Pane) => ({ height: "100%", display: pane === name ? "block" : "none" });
  return (
    <Box sx={{ display: "flex", flexDirection: "column", height: "100%" }}>
      <Box sx={{ flex: 1, minHeight: 0 }}>
        {(["code", "output", "files"] as const).map((name) => (
          <Box key={name} data-pane={name} sx={shownIf(name)}>
            {panes[name]}
          </Box>
        ))}
        {(pane === "results" || pane === "runs") && (
          <Box data-pane="side" sx={{ height: "100%" }}>
            <SidePane pane={pane} content={panes[pane]} />
          </Box>
        )}
      </Box>
      <PaneTabs shown={["code", "output", "results", "files", "runs"]} pane={pane} onPane={onPane} />
    </Box>
  );
}

function SidePane({ pane, content }: { pane: Pane; content: ReactNode }): React.JSX.Element {
  return (
    <Box
      role="tabpanel"
      aria-label={LABELS[pane]}
      tabIndex={0}
      sx={{ flex: 1, minHeight: 0, height: "100%", overflow: "auto", p: 2 }}
    >
      {content}
    </Box>
  );
}

interface PaneTabsProps {
  shown: readonly Pane[];
  pane: Pane;
  onPane: (pane: Pane) => void;
}

function PaneTabs({ shown, pane, onPane }: PaneTabsProps): React.JSX.Element {
  return (
    <Tabs
      value={pane}
      onChange={(_event, chosen: Pane) => onPane(chosen)}
      variant="fullWidth"
      aria-label="Panes"
      sx={{ minHeight: 40, flex: "none", borderBottom: 1, borderTop: 1, borderColor: "divider" }}
    >
      {shown.map((name) => (
        <Tab key={name} value={name} label={LABELS[name]} sx={{ minHeight: 40, minWidth: 0, p: 0 }} />
      ))}
    </Tabs>
  );
}
