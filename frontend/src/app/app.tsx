import CssBaseline from "@mui/material/CssBaseline";
import { ThemeProvider } from "@mui/material/styles";
import { lazy, Suspense, useMemo } from "react";
import { Provider } from "react-redux";
import { BrowserRouter, Navigate, Route, Routes, useLocation } from "react-router-dom";

import { ServicesContext, useSession, type Services } from "../api/services";
import { ExpiredDialog } from "../features/session/expired-dialog";
import { LoginPage } from "./login-page";
import { LoadingPage, RestoringPage } from "./restoring-page";
import { SessionWatch } from "./session-watch";
import { makeStore } from "./store";
import { theme } from "./theme";

// The sign-in page waits for none of them.
const Shell = lazy(() => import("./shell"));
const WorkspacePage = lazy(() => import("./pages/workspace-page"));
const RunsPage = lazy(() => import("./pages/runs-page"));
const RunPage = lazy(() => import("./pages/run-page"));
const ComparePage = lazy(() => import("./pages/compare-page"));
const SharedRunPage = lazy(() => import("./pages/shared-run-page"));
const DatasetsPage = lazy(() => import("./pages/datasets-page"));
const DatasetPage = lazy(() => import("./pages/dataset-page"));
const TemplatesPage = lazy(() => import("./pages/templates-page"));
const DeploymentsPage = lazy(() => import("./pages/deployments-page"));
const AccountPage = lazy(() => import("./pages/account-page"));
const AdminPage = lazy(() => import("./pages/admin-page"));
const NotFoundPage = lazy(() => import("./pages/not-found-page"));

export function App({ services }: { services: Services }): React.JSX.Element {
  const store = useMemo(() => makeStore({ session: services.session }), [services]);
  return (
    <ServicesContext value={services}>
      <Provider store={store}>
        <ThemeProvider theme={theme} defaultMode="system" noSsr>
          <CssBaseline />
          <BrowserRouter>
            <SessionWatch />
            <Pages />
            <ExpiredDialog />
          </BrowserRouter>
        </ThemeProvider>
      </Provider>
    </ServicesContext>
  );
}

function Pages(): React.JSX.Element {
  const { status, user } = useSession();
  const { pathname, search } = useLocation();
  if (status === "restoring") return <RestoringPage />;
  const shell = user ? (
    <Suspense fallback={<LoadingPage />}>
      <Shell key={user.id} />
    </Suspense>
  ) : (
    <Navigate to="/login" replace state={{ from: pathname + search }} />
  );
  return (
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route element={shell}>
        <Route path="/" element={<WorkspacePage />} />
        <Route path="/w/:projectId" element={<WorkspacePage />} />
        <Route path="/runs" element={<RunsPage />} />
        <Route path="/runs/compare" element={<ComparePage />} />
        <Route path="/runs/:runId" element={<RunPage />} />
        <Route path="/shared/:token" element={<SharedRunPage />} />
        <Route path="/datasets" element={<DatasetsPage />} />
        <Route path="/datasets/:datasetId" element={<DatasetPage />} />
        <Route path="/templates" element={<TemplatesPage />} />
        <Route path="/deployments" element={<DeploymentsPage />} />
        <Route path="/account" element={<AccountPage />} />
        <Route path="/admin/*" element={<AdminPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
