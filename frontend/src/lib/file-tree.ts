/** Text by path; paths are relative, with forward slashes. */
export type Files = Readonly<Record<string, string>>;

export interface TreeNode {
  path: string;
  name: string;
  kind: "file" | "folder";
  children: TreeNode[];
}

/** A node as a line of the tree on the screen. */
export interface TreeRow {
  node: TreeNode;
  /** From 1. */
  level: number;
  position: number;
  siblings: number;
}

export function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function joinPath(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Every folder on the way to a path, the outermost first. */
function foldersAbove(path: string): string[] {
  const above = parentOf(path);
  return above ? [...foldersAbove(above), above] : [];
}

/** All folders: those that files lie in, and the given empty ones. */
export function allFolders(paths: readonly string[], empty: readonly string[]): string[] {
  return [...new Set([...paths.flatMap(foldersAbove), ...empty, ...empty.flatMap(foldersAbove)])].sort();
}

/** The tree of the paths, folders before files, each in the order of their names. */
export function buildTree(paths: readonly string[], emptyFolders: readonly string[] = []): TreeNode[] {
  const top: TreeNode[] = [];
  const folders = new Map<string, TreeNode>();
  const into = (path: string): TreeNode[] => folders.get(parentOf(path))?.children ?? top;
  for (const path of allFolders(paths, emptyFolders)) {
    const node: TreeNode = { path, name: nameOf(path), kind: "folder", children: [] };
    folders.set(path, node);
    into(path).push(node);
  }
  for (const path of paths) into(path).push({ path, name: nameOf(path), kind: "file", children: [] });
  for (const list of [top, ...[...folders.values()].map(({ children }) => children)])
    list.sort(byKindAndName);
  return top;
}

function byKindAndName(a: TreeNode, b: TreeNode): number {
  if (a.kind !== b.kind) return a.kind === "folder" ? -1 : 1;
  return a.name.localeCompare(b.name, "en", { numeric: true });
}

/** The lines that are seen while these folders are open. */
export function visibleRows(nodes: readonly TreeNode[], open: ReadonlySet<string>, level = 1): TreeRow[] {
  return nodes.flatMap((node, index) => [
    { node, level, position: index + 1, siblings: nodes.length },
    ...(open.has(node.path) ? visibleRows(node.children, open, level + 1) : []),
  ]);
}

/** The path that `path` has once `from`, a file or a folder above it, is at `to`. */
export function movedPath(path: string, from: string, to: string): string {
  return isWithin(path, from) ? to + path.slice(from.length) : path;
}

/** "a.py" beside an "a.py": "a copy.py", then "a copy 2.py". */
export function freePath(path: string, taken: readonly string[]): string {
  const dot = path.lastIndexOf(".");
  const cut = dot > path.lastIndexOf("/") + 1 ? dot : path.length;
  const numbered = (n: number): string =>
    `${path.slice(0, cut)} copy${n > 1 ? ` ${n}` : ""}${path.slice(cut)}`;
  let number = 1;
  while (taken.some((other) => isWithin(other, numbered(number)))) number++;
  return numbered(number);
}

const encoder = new TextEncoder();

/** Why a path cannot be that of something new beside these files and folders; null when it can. */
export function pathProblem(
  path: string,
  files: readonly string[],
  folders: readonly string[] = [],
): string | null {
  if (!path) return "Enter a name";
  if (path.startsWith("/") || path.includes("\\")) return "Use a relative path with forward slashes";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) return "Not a valid path";
  // eslint-disable-next-line no-control-regex -- exactly these are refused
  if (/[\u0000-\u001f\u007f]/.test(path)) return "Control characters are not allowed";
  if (encoder.encode(path).length > 1024) return "At most 1024 bytes";
  if (parts.some((part) => encoder.encode(part).length > 255)) return "At most 255 bytes in a name";
  if (parts[0] === "data" || path === "outputs") return "data and outputs are folders of the platform";
  if (files.includes(path)) return "There is already a file of this name";
  if (folders.includes(path)) return "There is already a folder of this name";
  const above = foldersAbove(path).find((folder) => files.includes(folder));
  return above ? `${above} is a file` : null;
}
