import AdminPanelSettingsIcon from "@mui/icons-material/AdminPanelSettings";
import CodeIcon from "@mui/icons-material/Code";
import CollectionsBookmarkIcon from "@mui/icons-material/CollectionsBookmark";
import HistoryIcon from "@mui/icons-material/History";
import RocketLaunchIcon from "@mui/icons-material/RocketLaunch";
import StorageIcon from "@mui/icons-material/Storage";
import Box from "@mui/material/Box";
import { NavLink, useLocation } from "react-router-dom";

import type { User } from "../api/types";

const PLACES = [
  { to: "/", label: "Workspace", icon: <CodeIcon />, isWorkspace: true },
  { to: "/runs", label: "Runs", icon: <HistoryIcon /> },
  { to: "/datasets", label: "Datasets", icon: <StorageIcon /> },
  { to: "/templates", label: "Templates", icon: <CollectionsBookmarkIcon /> },
  { to: "/deployments", label: "Deployments", icon: <RocketLaunchIcon /> },
];
const ADMIN = { to: "/admin", label: "Admin", icon: <AdminPanelSettingsIcon />, isWorkspace: false };

interface NavigationProps {
  user: User;
  /** Called when a place was chosen. */
  onChosen?: () => void;
}

/** The places of the application, as links with an icon over a word. */
export function Navigation({ user, onChosen }: NavigationProps): React.JSX.Element {
  const { pathname } = useLocation();
  const places = user.role === "admin" ? [...PLACES, ADMIN] : PLACES;
  return (
    <Box
      component="nav"
      aria-label="Main"
      sx={{ display: "flex", flexDirection: "column", width: 92, py: 1, gap: 0.5, overflow: "auto" }}
    >
      {places.map(({ to, label, icon, isWorkspace }) => (
        <Box
          key={to}
          component={NavLink}
          to={to}
          end={isWorkspace}
          // A project's address is within the workspace, though not below "/" alone.
          className={isWorkspace && pathname.startsWith("/w/") ? "active" : undefined}
          aria-current={isWorkspace && pathname.startsWith("/w/") ? "page" : undefined}
          onClick={onChosen}
          sx={{
            display: "grid",
            justifyItems: "center",
            gap: 0.25,
            mx: 0.5,
            py: 0.75,
            borderRadius: 1,
            color: "text.secondary",
            fontSize: 11.5,
            textDecoration: "none",
            "&:hover": { bgcolor: "action.hover", color: "text.primary" },
            "&:focus-visible": { outline: "2px solid", outlineColor: "primary.main" },
            "&.active": { color: "primary.main", bgcolor: "action.selected", fontWeight: 700 },
          }}
        >
          {icon}
          {label}
        </Box>
      ))}
    </Box>
  );
}
