import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router-dom";

import { queryErrorText } from "../api/base-api";
import { useSession } from "../api/services";
import { PageSkeleton } from "../components/page";
import { projectsApi } from "../features/projects/projects-api";
import { firstProject, forgetDraft, lastProject } from "../features/projects/remembered";
import { useAppStore, type AppStore } from "./store";

/** Leads to the project that was open last, or makes the first one. */
export function FirstProject({ userId }: { userId: string }): React.JSX.Element {
  const store = useAppStore();
  const navigate = useNavigate();
  const { search } = useLocation();
  const [failure, setFailure] = useState<string | null>(null);
  const isAsking = useRef(false);
  const isHere = useRef(false);
  const { status } = useSession();

  const open = useCallback(() => {
    // Asked twice, it would make two projects.
    if (isAsking.current || status !== "signed-in") return;
    isAsking.current = true;
    chooseProject(store, userId)
      // Whoever has gone elsewhere meanwhile stays there.
      .then((id) => isHere.current && navigate(`/w/${id}${search}`, { replace: true }))
      .catch((error: unknown) => setFailure(queryErrorText(error)))
      .finally(() => (isAsking.current = false));
  }, [navigate, search, status, store, userId]);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  useEffect(open, [open]);

  if (failure === null) return <PageSkeleton />;
  return (
    <Alert severity="error" sx={{ m: 2 }} action={<Button onClick={open}>Try again</Button>}>
      {failure}
    </Alert>
  );
}

async function chooseProject(store: AppStore, userId: string): Promise<string> {
  const { projects, createProject } = projectsApi.endpoints;
  const request = store.dispatch(projects.initiate(undefined, { forceRefetch: true, subscribe: false }));
  const { items } = await request.unwrap();
  const last = lastProject(userId);
  const known = items.find(({ id }) => id === last) ?? items[0];
  if (known) return known.id;
  const made = await store.dispatch(createProject.initiate(firstProject(userId))).unwrap();
  forgetDraft(userId);
  return made.id;
}
