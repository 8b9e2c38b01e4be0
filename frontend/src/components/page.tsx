import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { useEffect, type ReactNode } from "react";

import { BarContent, BarTitle } from "./bar";

interface PageProps {
  title: string;
  /** Controls at the right end of the bar. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page that scrolls, with its title in the bar and in the browser's tab. */
export function Page({ title, actions, children }: PageProps): React.JSX.Element {
  useEffect(() => {
    document.title = `${title} · ByteMe`;
  }, [title]);
  return (
    <Box
      tabIndex={0}
      role="region"
      aria-label={title}
      sx={{ height: "100%", overflow: "auto", outlineOffset: -2 }}
    >
      <BarContent>
        <BarTitle>{title}</BarTitle>
        <Box sx={{ flex: 1 }} />
        {actions}
      </BarContent>
      <Box sx={{ maxWidth: 1400, mx: "auto", p: { xs: 2, md: 3 } }}>{children}</Box>
    </Box>
  );
}

/** What is seen for the moment a page's code or data is on its way. */
export function PageSkeleton(): React.JSX.Element {
  return (
    <Box aria-busy="true" sx={{ p: 3 }}>
      {[40, 90, 75, 85, 60].map((width) => (
        <Skeleton key={width} height={48} width={`${width}%`} />
      ))}
    </Box>
  );
}

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  text: string;
  /** The one button that leads on. */
  action?: ReactNode;
}

/** Says what a list would hold, and how to get the first one. */
export function EmptyState({ icon, title, text, action }: EmptyStateProps): React.JSX.Element {
  return (
    <Box sx={{ display: "grid", justifyItems: "center", gap: 1, textAlign: "center", py: 8, px: 2 }}>
      {icon && <Box sx={{ color: "text.secondary", "& svg": { fontSize: 48 } }}>{icon}</Box>}
      <Typography component="h2" variant="h6">
        {title}
      </Typography>
      <Typography color="textSecondary" sx={{ maxWidth: 480 }}>
        {text}
      </Typography>
      {action && <Box sx={{ mt: 1 }}>{action}</Box>}
    </Box>
  );
}
