import CssBaseline from "@mui/material/CssBaseline";
import { ThemeProvider } from "@mui/material/styles";
import { lazy, Suspense, useEffect, useMemo } from "react";
import { Provider } from "react-redux";
import { BrowserRouter, Navigate, Route, Routes, useLocation } from "react-router-dom";

import { baseApi } from "../api/base-api";
import { ServicesContext, useSession, type Services } from "../api/services";
import { ExpiredDialog } from "../features/session/expired-dialog";
import { LoginPage } from "./login-page";
import { LoadingPage, RestoringPage } from "./restoring-page";
import { makeStore, useAppDispatch } from "./store";
import { theme } from "./theme";

// The sign-in page need not wait for the workspace's code.
const WorkspacePage = lazy(() => import("./workspace-page"));

export function App({ services }: { services: Services }): React.JSX.Element {
  const store = useMemo(() => makeStore({ session: services.session }), [services]);
  return (
    <ServicesContext value={services}>
      <Provider store={store}>
        <ThemeProvider theme={theme} defaultMode="system" noSsr>
          <CssBaseline />
          <BrowserRouter>
            <SessionWatch services={services} />
            <Pages />
            <ExpiredDialog />
          </BrowserRouter>
        </ThemeProvider>
      </Provider>
    </ServicesContext>
  );
}

export function Pages(): React.JSX.Element {
  const { status, user } = useSession();
  const { pathname } = useLocation();
  if (status === "restoring") return <RestoringPage />;
  const workspace = user ? (
    <Suspense fallback={<LoadingPage />}>
      <WorkspacePage key={user.id} user={user} />
    </Suspense>
  ) : (
    <Navigate to="/login" replace state={{ from: pathname }} />
  );
  return (
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route path="/" element={workspace} />
      <Route path="/runs/:runId" element={workspace} />
      <Route path="*" element={<Navigate to="/" replace />} />
    </Routes>
  );
}

/** The live connection is open exactly while somebody is signed in; what was cached of one account never meets another. */
function SessionWatch({ services }: { services: Services }): null {
  const { status, user } = useSession();
  const dispatch = useAppDispatch();
  const { connection } = services;
  const userId = user?.id;

  useEffect(() => {
    if (status !== "signed-in") return;
    connection.open();
    // What was refused while the session was over is asked for again.
    dispatch(baseApi.util.invalidateTags(["Me", "Templates", "Runs", "Artifacts"]));
  }, [connection, dispatch, status]);

  useEffect(() => {
    if (!userId) return;
    return () => {
      connection.close();
      dispatch(baseApi.util.resetApiState());
    };
  }, [connection, dispatch, userId]);

  return null;
}
