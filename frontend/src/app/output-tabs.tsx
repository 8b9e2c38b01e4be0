import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { ReactNode } from "react";

export type OutputView = "log" | "problems";

interface OutputTabsProps {
  view: OutputView;
  onView: (view: OutputView) => void;
  problems: number;
  log: ReactNode;
  list: ReactNode;
}

/** The run's output, and beside it what it says is wrong; the hidden one stays as it is. */
export function OutputTabs({ view, onView, problems, log, list }: OutputTabsProps): React.JSX.Element {
  const shownIf = (name: OutputView) => ({ height: "100%", display: view === name ? "block" : "none" });
  return (
    <Box sx={{ display: "flex", flexDirection: "column", height: "100%", minWidth: 0 }}>
      <Tabs
        value={view}
        onChange={(_event, chosen: OutputView) => onView(chosen)}
        aria-label="Output and problems"
        sx={{
          minHeight: 32,
          flex: "none",
          borderBottom: 1,
          borderColor: "divider",
          "& .MuiTab-root": { minHeight: 32, py: 0, fontSize: 13 },
        }}
      >
        <Tab value="log" label="Log" />
        <Tab value="problems" label={problems > 0 ? `Problems (${problems})` : "Problems"} />
      </Tabs>
      <Box sx={{ flex: 1, minHeight: 0 }}>
        <Box sx={shownIf("log")}>{log}</Box>
        <Box sx={shownIf("problems")}>{list}</Box>
      </Box>
    </Box>
  );
}
