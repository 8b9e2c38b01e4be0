type Files = Record<string, string>;

/** The paths of both, in order. */
export function pathsOf(before: Files, after: Files): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
}

/** What to write behind a path that is not the same in both. */
export function changeOf(before: Files, after: Files, path: string): string {
  if (!(path in before)) return " (added)";
  if (!(path in after)) return " (removed)";
  return before[path] === after[path] ? "" : " (changed)";
}

/** The chosen file, else the first that differs, else the first. */
export function pathIn(before: Files, after: Files, chosen: string | null): string {
  const paths = pathsOf(before, after);
  if (chosen !== null && paths.includes(chosen)) return chosen;
  return paths.find((path) => changeOf(before, after, path)) ?? paths[0] ?? "";
}
