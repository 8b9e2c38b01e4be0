import MenuIcon from "@mui/icons-material/Menu";
import AppBar from "@mui/material/AppBar";
import Box from "@mui/material/Box";
import Drawer from "@mui/material/Drawer";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Toolbar from "@mui/material/Toolbar";
import Typography from "@mui/material/Typography";
import useMediaQuery from "@mui/material/useMediaQuery";
import { SnackbarProvider } from "notistack";
import { Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { Link as RouterLink, Outlet } from "react-router-dom";

import { useSignedInUser } from "../api/services";
import { BarSlot } from "../components/bar-slot";
import { Logo } from "../components/logo";
import { PageSkeleton } from "../components/page";
import { isNewcomer, WelcomeProgress } from "../features/welcome/welcome-progress";
import { WelcomeStrip } from "../features/welcome/welcome-strip";
import { ConnectionBanner } from "./connection-banner";
import { Navigation } from "./navigation";
import { NoticeBanner } from "./notice-banner";
import { UserMenu } from "./user-menu";

/** What every page has around it: the bar at the top, the way to the other pages, and how the connection is. */
export default function Shell(): React.JSX.Element {
  const user = useSignedInUser();
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const [isOpen, setOpen] = useState(false);
  const isWide = useMediaQuery("(min-width: 800px)", { noSsr: true });
  const [welcome] = useState(() => new WelcomeProgress(user.id, isNewcomer(user, Date.now())));
  const { shown, done } = useSyncExternalStore(welcome.state.subscribe, welcome.state.get);
  useEffect(() => welcome.follow(), [welcome]);
  return (
    <SnackbarProvider maxSnack={3} preventDuplicate>
      <BarSlot value={slot}>
        <Box sx={{ display: "flex", flexDirection: "column", height: "100dvh" }}>
          <SkipLink />
          <AppBar
            position="static"
            color="default"
            elevation={0}
            sx={{
              flex: "none",
              borderBottom: 1,
              borderColor: "divider",
              bgcolor: "background.paper",
              backgroundImage: "none",
            }}
          >
            <Toolbar variant="dense" sx={{ gap: 1, px: { xs: 1, sm: 2 } }}>
              {isWide ? (
                <Brand />
              ) : (
                <IconButton
                  aria-label="Go to"
                  aria-haspopup="true"
                  edge="start"
                  onClick={() => setOpen(true)}
                >
                  <MenuIcon />
                </IconButton>
              )}
              <Box
                ref={setSlot}
                sx={{ display: "flex", alignItems: "center", gap: 1, flex: 1, minWidth: 0 }}
              />
              <UserMenu user={user} onFirstSteps={welcome.showAgain} />
            </Toolbar>
          </AppBar>
          <NoticeBanner />
          <ConnectionBanner />
          {shown && <WelcomeStrip done={done} onDismiss={welcome.dismiss} />}
          <Box sx={{ display: "flex", flex: 1, minHeight: 0 }}>
            {isWide && (
              <Box
                sx={{ display: "flex", borderRight: 1, borderColor: "divider", bgcolor: "background.paper" }}
              >
                <Navigation user={user} />
              </Box>
            )}
            <Box
              component="main"
              id="main"
              tabIndex={-1}
              sx={{ flex: 1, minWidth: 0, minHeight: 0, outline: 0 }}
            >
              <Suspense fallback={<PageSkeleton />}>
                <Outlet />
              </Suspense>
            </Box>
          </Box>
          <Drawer open={isOpen && !isWide} onClose={() => setOpen(false)}>
            <Navigation user={user} onChosen={() => setOpen(false)} />
          </Drawer>
        </Box>
      </BarSlot>
    </SnackbarProvider>
  );
}

function Brand(): React.JSX.Element {
  return (
    <Link
      component={RouterLink}
      to="/"
      underline="none"
      color="inherit"
      sx={{ display: "flex", alignItems: "center", gap: 1, mr: 1 }}
    >
      <Logo size={26} />
      <Typography component="span" variant="subtitle1" sx={{ fontWeight: 700 }}>
        ByteMe
      </Typography>
    </Link>
  );
}

/** For the keyboard: past the bar and the navigation, to the page. */
function SkipLink(): React.JSX.Element {
  return (
    <Link
      href="#main"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}
      sx={{
        position: "absolute",
        left: 8,
        top: -100,
        zIndex: "tooltip",
        bgcolor: "background.paper",
        p: 1,
        "&:focus": { top: 8 },
      }}
    >
      Skip to the page
    </Link>
  );
}
