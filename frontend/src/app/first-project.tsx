import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router-dom";

import { queryErrorText } from "../api/base-api";
import { projectsApi } from "../api/projects-api";
import { useSession } from "../api/services";
import { PageSkeleton } from "../components/page";
import { firstProject, forgetDraft, lastProject } from "../features/projects/remembered";
import { useAppStore, type AppStore } from "./store";
import { useLaterNavigate } from "./use-later-navigate";

/** Leads to the project that was open last, or makes the first one. */
export function FirstProject({ userId }: { userId: string }): React.JSX.Element {
  const store = useAppStore();
  const navigateLater = useLaterNavigate();
  const { search } = useLocation();
  const [failure, setFailure] = useState<string | null>(null);
  const isAsking = useRef(false);
  const { status } = useSession();

  const open = useCallback(() => {
    // Asked twice, it would make two projects.
    if (isAsking.current || status !== "signed-in") return;
    isAsking.current = true;
    const go = navigateLater();
    chooseProject(store, userId)
      .then((id) => go(`/w/${id}${search}`, { replace: true }))
      .catch((error: unknown) => setFailure(queryErrorText(error)))
      .finally(() => (isAsking.current = false));
  }, [navigateLater, search, status, store, userId]);
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
