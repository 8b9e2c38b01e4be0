import { useEffect, useState, useSyncExternalStore } from "react";

import { queryErrorText } from "../api/base-api";
import { projectsApi, type Project } from "../api/projects-api";
import { useConnection, useSession } from "../api/services";
import { problemsCleared } from "../features/problems/problems-slice";
import { LocalCopies } from "../features/projects/local-copies";
import { ProjectSaver, type Outcome, type SaveState } from "../features/projects/project-saver";
import {
  projectClosed,
  projectOpened,
  projectRebased,
  projectSaved,
} from "../features/projects/project-slice";
import { rememberProject, withStoredTabs, storeTabs } from "../features/projects/remembered";
import { claimTab, livingTabs } from "../features/projects/tabs";
import { runOptionsBegun } from "../features/runs/run-options-slice";
import { onLeaving } from "./leaving";
import { useAppStore, type AppStore } from "./store";

const { project: readProject, changeProject } = projectsApi.endpoints;

interface ProjectStorage {
  saver: ProjectSaver;
  saved: SaveState;
  /** Why the project cannot be shown; "missing" is an address of nothing. */
  failure: "missing" | { message: string } | null;
  retry: () => void;
}

/** Opens the project in the store and keeps it saved, here and on the server. */
export function useProject(id: string, userId: string): ProjectStorage {
  const store = useAppStore();
  const [copies] = useState(() => new LocalCopies(userId, id));
  const [saver] = useState(() => makeSaver(store, copies));
  const [failure, setFailure] = useState<ProjectStorage["failure"]>(null);
  const [attempt, setAttempt] = useState(0);
  const online = useConnection().status === "online";
  const { status } = useSession();
  const saved = useSyncExternalStore(saver.state.subscribe, saver.state.get);

  useEffect(() => {
    // What was refused while the session was over is asked for again after the next sign-in.
    if (status !== "signed-in" || store.getState().project?.id === id) return;
    let isGone = false;
    const show = async (project: Project): Promise<void> => {
      await claimTab();
      const living = await livingTabs();
      if (isGone) return;
      rememberProject(userId, id);
      store.dispatch(runOptionsBegun({ project: id }));
      store.dispatch(projectOpened(withStoredTabs(copies.recover(project, living))));
      setFailure(null);
      saver.changed();
    };
    const request = store.dispatch(readProject.initiate(id, { forceRefetch: true, subscribe: false }));
    request.unwrap().then(
      async (project) => {
        if (!isGone) await show(project);
      },
      (error: unknown) =>
        !isGone && setFailure(statusOf(error) === 404 ? "missing" : { message: queryErrorText(error) }),
    );
    return () => {
      isGone = true;
    };
  }, [attempt, copies, id, saver, status, store, userId]);

  useEffect(() => followEdits(store, saver), [saver, store]);
  useEffect(() => followOtherTabs(id, saver), [id, saver]);
  useEffect(() => onLeaving(saver.save), [saver]);
  useEffect(() => {
    // What waited for the server or for a sign-in goes on at once.
    if (online && status === "signed-in") void saver.save().then(() => saver.refresh());
  }, [online, saver, status]);

  return { saver, saved, failure, retry: () => setAttempt((count) => count + 1) };
}

function makeSaver(store: AppStore, copies: LocalCopies): ProjectSaver {
  return new ProjectSaver({
    project: () => store.getState().project,
    send: (id, version, { files, entrypoint }) =>
      outcomeOf(
        store
          .dispatch(changeProject.initiate({ id, version, change: { files, entrypoint } }, { track: false }))
          .unwrap(),
      ),
    read: (id) =>
      outcomeOf(store.dispatch(readProject.initiate(id, { forceRefetch: true, subscribe: false })).unwrap()),
    saved: (project) => {
      store.dispatch(projectSaved(project));
      tellOtherTabs(project.id);
    },
    rebased: (onto, program) => store.dispatch(projectRebased({ onto, program })),
    copies,
  });
}

async function outcomeOf(request: Promise<Project>): Promise<Outcome> {
  try {
    return { kind: "done", project: await request };
  } catch (error) {
    const status = statusOf(error);
    if (status === 412) return { kind: "outdated" };
    if (status === 404) return { kind: "gone" };
    // What another try, a sign-in or a moment may mend is no refusal.
    const isRefusal = status !== null && status >= 400 && status < 500 && status !== 401 && status !== 429;
    return isRefusal ? { kind: "refused", message: queryErrorText(error) } : { kind: "away" };
  }
}

function statusOf(error: unknown): number | null {
  const { status } = error as { status?: unknown };
  return typeof status === "number" ? status : null;
}

function followEdits(store: AppStore, saver: ProjectSaver): () => void {
  let before = store.getState().project;
  const unsubscribe = store.subscribe(() => {
    const { project } = store.getState();
    if (project === before) return;
    const isEdit = project && (project.files !== before?.files || project.entrypoint !== before.entrypoint);
    before = project;
    if (!project) return;
    storeTabs(project);
    if (isEdit) saver.changed();
  });
  const leave = (): void => void saver.keep();
  const hide = (): void => void (document.visibilityState === "hidden" && saver.save());
  const blur = (): void => void saver.save();
  const guard = (event: BeforeUnloadEvent): void => {
    if (!saver.keep()) event.preventDefault();
  };
  window.addEventListener("pagehide", leave);
  window.addEventListener("beforeunload", guard);
  window.addEventListener("blur", blur);
  document.addEventListener("visibilitychange", hide);
  return () => {
    unsubscribe();
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("beforeunload", guard);
    window.removeEventListener("blur", blur);
    document.removeEventListener("visibilitychange", hide);
    // Another page of the application is no reason to wait.
    void saver.save();
    saver.dispose();
    store.dispatch(projectClosed());
    store.dispatch(problemsCleared());
  };
}

const CHANNEL = "byteme.projects";

function tellOtherTabs(id: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(id);
  channel.close();
}

/** What another tab saves is seen in this one, unless it has edits of its own. */
function followOtherTabs(id: string, saver: ProjectSaver): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => void (data === id && saver.refresh());
  const look = (): void => void (document.visibilityState === "visible" && saver.refresh());
  document.addEventListener("visibilitychange", look);
  return () => {
    channel.close();
    document.removeEventListener("visibilitychange", look);
  };
}
