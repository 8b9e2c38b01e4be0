import type { Files } from "./file-tree";

/** By path: the text there is, or null for none. */
export type Changes = Readonly<Record<string, string | null>>;

/** What turns `before` into `after`. */
export function changesBetween(before: Files, after: Files): Changes {
  const changes: Record<string, string | null> = {};
  for (const [path, text] of Object.entries(after)) if (before[path] !== text) changes[path] = text;
  for (const path of Object.keys(before)) if (!(path in after)) changes[path] = null;
  return changes;
}

export function withChanges(files: Files, changes: Changes): Files {
  const changed: Record<string, string> = { ...files };
  for (const [path, text] of Object.entries(changes)) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record keyed by path
    if (text === null) delete changed[path];
    else changed[path] = text;
  }
  return changed;
}

/** What was at the places of the changes. */
export function originalsOf(changes: Changes, files: Files): Changes {
  return Object.fromEntries(Object.keys(changes).map((path) => [path, files[path] ?? null]));
}

interface Merged {
  /** Both sides' changes; mine where both changed the same file. */
  files: Files;
  /** Files that both sides changed, each to something else. */
  conflicts: string[];
}

/** Two versions that grew out of the same one, file by file. */
export function mergeFiles(base: Files, mine: Files, theirs: Files): Merged {
  const myChanges = changesBetween(base, mine);
  const theirChanges = changesBetween(base, theirs);
  const conflicts = Object.keys(myChanges).filter(
    (path) => path in theirChanges && theirChanges[path] !== myChanges[path],
  );
  return { files: withChanges(theirs, myChanges), conflicts: conflicts.sort() };
}
