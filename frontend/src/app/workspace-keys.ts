import type { PaletteItem } from "../features/palette/palette";

/** What the workspace can be told to do, by key or palette. */
export interface WorkspaceActions {
  run: () => void;
  runOptions: () => void;
  stop: () => void;
  save: () => void;
  quickOpen: () => void;
  palette: () => void;
  tree: () => void;
  output: () => void;
  nextPane: () => void;
  shortcuts: () => void;
  newFile: () => void;
  newFolder: () => void;
  problems: () => void;
  limits: () => void;
  templates: () => void;
  newProject: () => void;
  switchProject: () => void;
  renameProject: () => void;
  duplicateProject: () => void;
}

interface Command {
  text: string;
  /** As shown. */
  keys?: string;
  /** As `useShortcuts` names them. */
  bound?: readonly string[];
}

const COMMANDS: Record<keyof WorkspaceActions, Command> = {
  run: { text: "Run", keys: "Ctrl+Enter", bound: ["ctrl+enter"] },
  runOptions: {
    text: "Run with arguments and environment…",
    keys: "Ctrl+Shift+Enter",
    bound: ["ctrl+shift+enter"],
  },
  stop: { text: "Stop the run", keys: "Ctrl+.", bound: ["ctrl+."] },
  save: { text: "Save now", keys: "Ctrl+S", bound: ["ctrl+s"] },
  quickOpen: { text: "Open a file…", keys: "Ctrl+P", bound: ["ctrl+p"] },
  palette: { text: "Command palette", keys: "Ctrl+Shift+P or Ctrl+K", bound: ["ctrl+shift+p", "ctrl+k"] },
  tree: { text: "Show or hide the files", keys: "Ctrl+B", bound: ["ctrl+b"] },
  output: { text: "Show or hide the output", keys: "Ctrl+J", bound: ["ctrl+j"] },
  nextPane: { text: "Go to the next pane", keys: "F6", bound: ["f6"] },
  shortcuts: { text: "Keyboard shortcuts", keys: "Ctrl+/", bound: ["ctrl+/", "ctrl+shift+/"] },
  newFile: { text: "New file…" },
  newFolder: { text: "New folder…" },
  problems: { text: "Show the problems" },
  limits: { text: "Limits of a run…" },
  templates: { text: "Start from a template…" },
  newProject: { text: "New project" },
  switchProject: { text: "Open another project…" },
  renameProject: { text: "Rename the project…" },
  duplicateProject: { text: "Duplicate the project" },
};

type Name = keyof WorkspaceActions;
const NAMES = Object.keys(COMMANDS) as Name[];

export function shortcutsOf(actions: WorkspaceActions): Record<string, () => void> {
  return Object.fromEntries(
    NAMES.flatMap((name) => (COMMANDS[name].bound ?? []).map((key) => [key, actions[name]])),
  );
}

/** The keys that are the editor's and the tree's own. */
const OTHERS: [string, string][] = [
  ["Find (in the editor or the output)", "Ctrl+F"],
  ["Comment lines in or out (editor)", "Ctrl+/"],
  ["Tab indents, or moves the focus (editor)", "Ctrl+M"],
  ["Rename a file (tree)", "F2"],
  ["Delete a file, close a tab", "Delete"],
];

export const SHORTCUTS: readonly [text: string, keys: string][] = [
  ...NAMES.flatMap((name): [string, string][] => {
    const { text, keys } = COMMANDS[name];
    return keys === undefined ? [] : [[text.replace("…", ""), keys]];
  }),
  ...OTHERS,
];

export const PALETTE_ITEMS: readonly (PaletteItem & { id: Name })[] = NAMES.filter(
  (name) => name !== "palette",
).map((name) => ({ id: name, text: COMMANDS[name].text, hint: COMMANDS[name].keys }));
