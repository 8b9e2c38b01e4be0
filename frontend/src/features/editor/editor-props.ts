import type { Place } from "../../components/use-reveal";
import type { Files } from "../../lib/file-tree";

/** Something to point at in a file. */
export interface Marker {
  path: string;
  /** From 1. */
  line: number;
  message: string;
  severity: "error" | "info";
}

/** Lines `from` to `to` were replaced, and what comes after them moved down by `shift`. */
export interface LineEdit {
  path: string;
  from: number;
  to: number;
  shift: number;
}

export interface CodeEditorProps {
  path: string;
  value: string;
  dark: boolean;
  markers: readonly Marker[];
  /** A place to show and put the cursor at. */
  reveal: Place | null;
  onRevealed: () => void;
  /** The project's files as they are now, for what is completed. */
  filesNow: () => Files;
  onChange: (path: string, value: string) => void;
  onLines: (edit: LineEdit) => void;
  onCursor: (place: { line: number; column: number }) => void;
  onBlur: () => void;
  /** What the workspace's keys do, for those that the editor would keep to itself. */
  keys: EditorKeys;
}

export interface EditorKeys {
  run: () => void;
  runOptions: () => void;
  stop: () => void;
  quickOpen: () => void;
  palette: () => void;
  tree: () => void;
  output: () => void;
  nextPane: () => void;
}
