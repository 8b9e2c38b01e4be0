import { parentOf, type TreeRow } from "../../lib/file-tree";

interface TreeActions {
  focus: (path: string) => void;
  toggle: (path: string) => void;
  open: (path: string) => void;
  rename: (path: string) => void;
  remove: (path: string) => void;
}

/** What a key does to the line that has the focus, as in every tree; false when it does nothing. */
export function treeKey(
  key: string,
  rows: readonly TreeRow[],
  at: number,
  open: ReadonlySet<string>,
  act: TreeActions,
): boolean {
  const node = rows[at]?.node;
  if (!node) return false;
  const isFolder = node.kind === "folder";
  const isOpen = open.has(node.path);
  const go = (to: number): void => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (target) act.focus(target.node.path);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    ArrowRight: () => {
      if (isFolder && !isOpen) act.toggle(node.path);
      else if (isFolder) go(at + 1);
    },
    ArrowLeft: () => {
      if (isFolder && isOpen) act.toggle(node.path);
      else if (parentOf(node.path)) act.focus(parentOf(node.path));
    },
    Enter: () => (isFolder ? act.toggle(node.path) : act.open(node.path)),
    " ": () => (isFolder ? act.toggle(node.path) : act.open(node.path)),
    F2: () => act.rename(node.path),
    Delete: () => act.remove(node.path),
  };
  const action = keys[key];
  action?.();
  return action !== undefined;
}

/** The next line whose name begins with what was typed, after the present one. */
export function nextByLetter(rows: readonly TreeRow[], at: number, letter: string): string | null {
  const after = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
  const found = after.find(({ node }) => node.name.toLowerCase().startsWith(letter.toLowerCase()));
  return found?.node.path ?? null;
}
