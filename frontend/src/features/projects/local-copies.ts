import type { Project } from "../../api/projects-api";
import { changesBetween, originalsOf, withChanges, type Changes } from "../../lib/file-merge";
import { freePath, type Files } from "../../lib/file-tree";
import { readStoredJson, storedKeys, writeStored } from "../../lib/storage";
import { isDirty, openedFrom, type OpenProject } from "./project-slice";
import { tabId } from "./tabs";

/** What a tab has not brought to the server yet: the files it changed, and what they were before. */
interface LocalCopy {
  /** Milliseconds since 1970. */
  at: number;
  version: number;
  before: Changes;
  after: Changes;
  entrypoint: string;
}

/** Every tab keeps a copy of its own, so that two of them never write over each other's. */
export class LocalCopies {
  private readonly prefix: string;

  constructor(userId: string, projectId: string) {
    this.prefix = `byteme.copy.${userId}.${projectId}.`;
  }

  /** Keeps what is not saved, or forgets the copy when everything is; false when the browser refused. */
  keep(project: OpenProject, now = Date.now()): boolean {
    if (!isDirty(project)) return writeStored(this.own(), null);
    return writeStored(this.own(), JSON.stringify(copyOf(project, now)));
  }

  /** Keeps `next` in the place of `before`, unless another copy has taken that place since. */
  replace(before: OpenProject, next: OpenProject): void {
    const stored = readStoredJson(this.own());
    if (!isCopy(stored)) return;
    if (JSON.stringify(copyOf(before, stored.at)) === JSON.stringify(stored)) this.keep(next);
  }

  /**
   * The project with what this tab, or one that is gone, had not saved; the copies become this tab's own. `living` are the
   * ids of tabs that still look after their copies themselves.
   */
  recover(project: Project, living: ReadonlySet<string> = new Set()): OpenProject {
    const own = this.own();
    const isFree = (key: string): boolean => key === own || !living.has(key.slice(this.prefix.length));
    const keys = storedKeys().filter((key) => key.startsWith(this.prefix) && isFree(key));
    const copies = keys
      .map((key) => readStoredJson(key))
      .filter(isCopy)
      .sort((a, b) => a.at - b.at);
    const recovered = copies.reduce(withCopy, openedFrom(project));
    if (this.keep(recovered)) {
      for (const key of keys) if (key !== own) writeStored(key, null);
    }
    return recovered;
  }

  private own(): string {
    return this.prefix + tabId();
  }
}

function copyOf(project: OpenProject, at: number): LocalCopy {
  const after = changesBetween(project.base.files, project.files);
  const before = originalsOf(after, project.base.files);
  return { at, version: project.version, before, after, entrypoint: project.entrypoint };
}

/**
 * The project with a copy's changes in it. Its base is what the copy began with: whether the server has moved on is found
 * out by the next save. A text that an earlier copy has changed otherwise is kept beside it.
 */
function withCopy(project: OpenProject, copy: LocalCopy): OpenProject {
  const base = withChanges(project.base.files, copy.before);
  const taken: Record<string, string | null> = {};
  let files: Files = project.files;
  for (const [path, text] of Object.entries(copy.after)) {
    const present = files[path] ?? null;
    const isTouched = present !== (project.base.files[path] ?? null) && present !== text;
    if (!isTouched) taken[path] = text;
    else if (text !== null) taken[freePath(path, Object.keys(files))] = text;
  }
  files = withChanges(files, taken);
  const entrypoint = copy.entrypoint in files ? copy.entrypoint : project.entrypoint;
  return {
    ...project,
    version: Math.min(project.version, copy.version),
    base: { ...project.base, files: base },
    files,
    entrypoint,
    tabs: project.tabs.filter((path) => path in files),
    active: project.active !== null && project.active in files ? project.active : entrypoint,
  };
}

function isCopy(value: unknown): value is LocalCopy {
  if (typeof value !== "object" || value === null) return false;
  const { at, version, before, after, entrypoint } = value as Partial<LocalCopy>;
  const isChanges = (changes: unknown): boolean => typeof changes === "object" && changes !== null;
  return (
    typeof at === "number" &&
    typeof version === "number" &&
    typeof entrypoint === "string" &&
    isChanges(before) &&
    isChanges(after)
  );
}
