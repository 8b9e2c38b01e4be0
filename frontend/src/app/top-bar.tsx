import CollectionsBookmarkIcon from "@mui/icons-material/CollectionsBookmark";
import TuneIcon from "@mui/icons-material/Tune";
import AppBar from "@mui/material/AppBar";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Toolbar from "@mui/material/Toolbar";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";

import type { User } from "../api/types";
import { Logo } from "../components/logo";
import type { ChosenLimits } from "../features/runs/limits-slice";
import { formatMemory, formatTimeLimit, plural } from "../lib/format";
import { UserMenu } from "./user-menu";

interface TopBarProps {
  user: User;
  title: string;
  limits: ChosenLimits;
  runControl: ReactNode;
  onTemplates: () => void;
  onLimits: () => void;
}

function limitsText({ cpus, memory_mb, timeout_s }: ChosenLimits): string {
  return [plural(cpus, "CPU"), formatMemory(memory_mb), formatTimeLimit(timeout_s)].join(" · ");
}

export function TopBar({
  user,
  title,
  limits,
  runControl,
  onTemplates,
  onLimits,
}: TopBarProps): React.JSX.Element {
  return (
    <AppBar
      position="static"
      color="default"
      elevation={0}
      sx={{ borderBottom: 1, borderColor: "divider", bgcolor: "background.paper", backgroundImage: "none" }}
    >
      <Toolbar variant="dense" sx={{ gap: 1, px: { xs: 1, sm: 2 } }}>
        <Logo size={26} />
        <Typography
          component="h1"
          variant="subtitle1"
          sx={{ fontWeight: 700, display: { xs: "none", sm: "block" } }}
        >
          ByteMe
        </Typography>
        <BarButton
          icon={<CollectionsBookmarkIcon />}
          tip="Start from a template"
          text={title}
          onClick={onTemplates}
        />
        <BarButton icon={<TuneIcon />} tip="Limits of a run" text={limitsText(limits)} onClick={onLimits} />
        <Box sx={{ flex: 1 }} />
        {runControl}
        <UserMenu user={user} />
      </Toolbar>
    </AppBar>
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
