import AdminPanelSettingsIcon from "@mui/icons-material/AdminPanelSettings";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { Link, Navigate, NavLink, Route, Routes } from "react-router-dom";

import { useSignedInUser } from "../../api/services";
import { EmptyState, Page } from "../../components/page";
import { AuditTab } from "../../features/admin/audit-tab";
import { HostsTab } from "../../features/admin/hosts-tab";
import { ImagesTab } from "../../features/admin/images-tab";
import { OverviewTab } from "../../features/admin/overview-tab";
import { QueueTab } from "../../features/admin/queue-tab";
import { SettingsTab } from "../../features/admin/settings-tab";
import { UsersTab } from "../../features/admin/users-tab";

const TABS = [
  { path: "overview", label: "Overview", element: <OverviewTab /> },
  { path: "queue", label: "Queue", element: <QueueTab /> },
  { path: "users", label: "Users", element: <UsersTab /> },
  { path: "hosts", label: "Hosts", element: <HostsTab /> },
  { path: "images", label: "Images", element: <ImagesTab /> },
  { path: "audit", label: "Audit", element: <AuditTab /> },
  { path: "settings", label: "Settings", element: <SettingsTab /> },
];

/** What operators see of the platform, and what they do about it. */
export default function AdminPage(): React.JSX.Element {
  const user = useSignedInUser();
  if (user.role !== "admin") return <NotForYou />;
  return (
    <Page title="Admin">
      <Sections />
      <Routes>
        <Route index element={<Navigate to="overview" replace />} />
        {TABS.map(({ path, element }) => (
          <Route key={path} path={path} element={element} />
        ))}
        <Route path="*" element={<Navigate to="/admin/overview" replace />} />
      </Routes>
    </Page>
  );
}

/** On a narrow screen the page that one has come to is among those that its list shows. */
function seen(link: HTMLAnchorElement | null): void {
  if (link?.getAttribute("aria-current") === "page")
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function Sections(): React.JSX.Element {
  return (
    <Box
      component="nav"
      aria-label="Admin"
      sx={{ display: "flex", overflowX: "auto", mb: 3, borderBottom: 1, borderColor: "divider" }}
    >
      {TABS.map(({ path, label }) => (
        <Box
          key={path}
          component={NavLink}
          to={`/admin/${path}`}
          ref={seen}
          sx={{
            px: 2,
            py: 1,
            color: "text.secondary",
            textDecoration: "none",
            borderBottom: 2,
            borderColor: "transparent",
            "&:hover": { color: "text.primary" },
            "&:focus-visible": { outline: "2px solid", outlineColor: "primary.main", outlineOffset: -2 },
            "&.active": { color: "primary.main", borderColor: "primary.main", fontWeight: 700 },
          }}
        >
          {label}
        </Box>
      ))}
    </Box>
  );
}

function NotForYou(): React.JSX.Element {
  return (
    <Page title="Admin">
      <EmptyState
        icon={<AdminPanelSettingsIcon />}
        title="For operators"
        text="These pages are for those who run this server. Ask one of them if you need something changed."
        action={
          <Button variant="contained" component={Link} to="/">
            Go to the workspace
          </Button>
        }
      />
    </Page>
  );
}
