import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { ReactNode } from "react";
import { Group, Panel, useDefaultLayout } from "react-resizable-panels";

import { ResizeHandle } from "../components/resize-handle";

export type Pane = "code" | "output" | "results" | "runs";

interface WorkspaceLayoutProps {
  panes: Record<Pane, ReactNode>;
  /** The pane in front where only one fits; beside the others, which of results and runs is shown. */
  pane: Pane;
  onPane: (pane: Pane) => void;
}

const LABELS: Record<Pane, string> = { code: "Code", output: "Output", results: "Results", runs: "Runs" };

/** Editor over output, results and runs beside them; every border can be moved, and is remembered. */
export function WideLayout({ panes, pane, onPane }: WorkspaceLayoutProps): React.JSX.Element {
  const columns = useDefaultLayout({ id: "byteme.columns" });
  const rows = useDefaultLayout({ id: "byteme.rows" });
  const side = pane === "runs" ? "runs" : "results";
  return (
    <Group
      id="byteme.columns"
      orientation="horizontal"
      defaultLayout={columns.defaultLayout}
      onLayoutChanged={columns.onLayoutChanged}
    >
      <Panel id="main" defaultSize="70%" minSize="30%">
        <Group
          id="byteme.rows"
          orientation="vertical"
          defaultLayout={rows.defaultLayout}
          onLayoutChanged={rows.onLayoutChanged}
        >
          <Panel id="code" defaultSize="55%" minSize="15%">
            {panes.code}
          </Panel>
          <ResizeHandle label="Height of the editor" />
          <Panel id="output" defaultSize="45%" minSize="15%">
            {panes.output}
          </Panel>
        </Group>
      </Panel>
      <ResizeHandle label="Width of the results" />
      <Panel id="side" defaultSize="30%" minSize="15%">
        <Box sx={{ display: "flex", flexDirection: "column", height: "100%" }}>
          <PaneTabs shown={["results", "runs"]} pane={side} onPane={onPane} />
          <SidePane pane={side} content={panes[side]} />
        </Box>
      </Panel>
    </Group>
  );
}

/** One pane at a time with tabs below; the hidden ones stay as they are. */
export function NarrowLayout({ panes, pane, onPane }: WorkspaceLayoutProps): React.JSX.Element {
  return (
    <Box sx={{ display: "flex", flexDirection: "column", height: "100%" }}>
      <Box sx={{ flex: 1, minHeight: 0 }}>
        <Box sx={{ height: "100%", display: pane === "code" ? "block" : "none" }}>{panes.code}</Box>
        <Box sx={{ height: "100%", display: pane === "output" ? "block" : "none" }}>{panes.output}</Box>
        {(pane === "results" || pane === "runs") && <SidePane pane={pane} content={panes[pane]} />}
      </Box>
      <PaneTabs shown={["code", "output", "results", "runs"]} pane={pane} onPane={onPane} />
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
        <Tab key={name} value={name} label={LABELS[name]} sx={{ minHeight: 40, py: 0 }} />
      ))}
    </Tabs>
  );
}
