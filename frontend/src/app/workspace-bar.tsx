import CollectionsBookmarkIcon from "@mui/icons-material/CollectionsBookmark";
import TuneIcon from "@mui/icons-material/Tune";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import type { ReactNode } from "react";

import { BarContent, BarTitle } from "../components/bar";
import type { ChosenLimits } from "../features/runs/limits-slice";
import { formatMemory, formatTimeLimit, plural } from "../lib/format";

interface WorkspaceBarProps {
  title: string;
  limits: ChosenLimits;
  /** Chooses the data of a run. */
  data: ReactNode;
  runControl: ReactNode;
  onTemplates: () => void;
  onLimits: () => void;
}

function limitsText({ cpus, memory_mb, timeout_s }: ChosenLimits): string {
  return [plural(cpus, "CPU"), formatMemory(memory_mb), formatTimeLimit(timeout_s)].join(" · ");
}

/** What the workspace puts into the bar at the top. */
export function WorkspaceBar({
  title,
  limits,
  data,
  runControl,
  onTemplates,
  onLimits,
}: WorkspaceBarProps): React.JSX.Element {
  return (
    <BarContent>
      <BarTitle hidden>Workspace</BarTitle>
      <BarButton
        icon={<CollectionsBookmarkIcon />}
        tip="Start from a template"
        text={title}
        onClick={onTemplates}
      />
      <BarButton icon={<TuneIcon />} tip="Limits of a run" text={limitsText(limits)} onClick={onLimits} />
      {data}
      <Box sx={{ flex: 1 }} />
      {runControl}
    </BarContent>
  );
}

interface BarButtonProps {
  icon: ReactNode;
  tip: string;
  text: string;
  onClick: () => void;
}

/** An icon that shows its text where there is room. */
function BarButton({ icon, tip, text, onClick }: BarButtonProps): React.JSX.Element {
  return (
    <Tooltip title={tip}>
      <Button
        color="inherit"
        size="small"
        startIcon={icon}
        aria-label={`${tip}: ${text}`}
        onClick={onClick}
        sx={{ minWidth: 40, maxWidth: 260, "& .MuiButton-startIcon": { mr: { xs: 0, md: 1 } } }}
      >
        <Box
          component="span"
          sx={{
            display: { xs: "none", md: "inline" },
            overflow: "hidden",
            textOverflow: "ellipsis",
            whiteSpace: "nowrap",
          }}
        >
          {text}
        </Box>
      </Button>
    </Tooltip>
  );
}
