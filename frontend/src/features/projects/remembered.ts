import type { NewProject } from "../../api/projects-api";
import { readStored, readStoredJson, writeStored } from "../../lib/storage";
import { FIRST_PROGRAM, type OpenProject } from "./project-slice";

/** What this browser remembers beside the projects: the last one, its tabs, and drafts from before there were projects. */
const lastKey = (userId: string): string => `byteme.last-project.${userId}`;
const tabsKey = (projectId: string): string => `byteme.tabs.${projectId}`;
const draftKey = (userId: string): string => `byteme.draft.${userId}`;

export function rememberProject(userId: string, projectId: string): void {
  writeStored(lastKey(userId), projectId);
}

export function lastProject(userId: string): string | null {
  return readStored(lastKey(userId));
}

export function storeTabs({ id, tabs, active, folders }: OpenProject): void {
  writeStored(tabsKey(id), JSON.stringify({ tabs, active, folders }));
}

/** The project with the tabs and empty folders it had here before. */
export function withStoredTabs(project: OpenProject): OpenProject {
  const stored = readStoredJson(tabsKey(project.id)) as Partial<OpenProject> | null;
  const paths = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  const tabs = paths(stored?.tabs).filter((path) => path in project.files);
  const active = typeof stored?.active === "string" && tabs.includes(stored.active) ? stored.active : null;
  return {
    ...project,
    folders: paths(stored?.folders),
    ...(tabs.length > 0 && { tabs, active: active ?? tabs[0] ?? null }),
  };
}

/** The first project: a draft that was made in this browser, or a greeting. */
export function firstProject(userId: string): NewProject {
  const draft = readStoredJson(draftKey(userId)) as Partial<NewProject> | null;
  const { files, entrypoint } = draft ?? {};
  const isDraft =
    typeof files === "object" &&
    typeof entrypoint === "string" &&
    entrypoint in files &&
    Object.values(files).every((text) => typeof text === "string");
  return { name: "Untitled", ...(isDraft ? { files, entrypoint } : FIRST_PROGRAM) };
}

export function forgetDraft(userId: string): void {
  writeStored(draftKey(userId), null);
}
