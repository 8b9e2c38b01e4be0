import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useEffect, useRef, useState } from "react";

import { monaco } from "../../components/monaco";
import { useReveal } from "../../components/use-reveal";
import type { CodeEditorProps, EditorKeys, LineEdit, Marker } from "./editor-props";
import { registerPython } from "./python/providers";

interface Editing {
  editor: monaco.editor.IStandaloneCodeEditor;
  views: Map<string, monaco.editor.ICodeEditorViewState | null>;
}

const SCHEME = "draft";
const MARKER_OWNER = "run";

function uriOf(path: string): monaco.Uri {
  return monaco.Uri.from({ scheme: SCHEME, path: `/${path}` });
}

function pathOf(model: monaco.editor.ITextModel): string {
  return model.uri.path.slice(1);
}

/** Replaces the whole text as one edit, so that undo still works, unless the text is already the same. */
function setText(model: monaco.editor.ITextModel, value: string): void {
  if (model.getValue() !== value) {
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text: value }], () => null);
  }
}

function showFile({ editor, views }: Editing, path: string, value: string): void {
  const before = editor.getModel();
  const model =
    monaco.editor.getModel(uriOf(path)) ?? monaco.editor.createModel(value, undefined, uriOf(path));
  setText(model, value);
  if (before === model) return;
  if (before) views.set(pathOf(before), editor.saveViewState());
  editor.setModel(model);
  editor.restoreViewState(views.get(path) ?? null);
}

function showMarkers(model: monaco.editor.ITextModel | null, markers: readonly Marker[]): void {
  if (!model) return;
  const shown = markers.filter(({ path, line }) => path === pathOf(model) && line <= model.getLineCount());
  monaco.editor.setModelMarkers(
    model,
    MARKER_OWNER,
    shown.map(({ line, message, severity }) => ({
      message,
      severity: severity === "error" ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Info,
      startLineNumber: line,
      endLineNumber: line,
      startColumn: model.getLineFirstNonWhitespaceColumn(line) || 1,
      endColumn: model.getLineMaxColumn(line),
    })),
  );
}

function editsOf(path: string, changes: readonly monaco.editor.IModelContentChange[]): LineEdit[] {
  return changes.map(({ range, text }) => ({
    path,
    from: range.startLineNumber,
    to: range.endLineNumber,
    shift: text.split("\n").length - 1 - (range.endLineNumber - range.startLineNumber),
  }));
}

/** Monaco has uses of its own for these, and would swallow them. */
function bindKeys(editor: monaco.editor.IStandaloneCodeEditor, keys: () => EditorKeys): void {
  const { KeyMod, KeyCode } = monaco;
  const bindings: [number, keyof EditorKeys][] = [
    [KeyMod.CtrlCmd | KeyCode.Enter, "run"],
    [KeyMod.CtrlCmd | KeyMod.Shift | KeyCode.Enter, "runOptions"],
    [KeyMod.CtrlCmd | KeyCode.Period, "stop"],
    [KeyMod.CtrlCmd | KeyCode.KeyP, "quickOpen"],
    [KeyMod.CtrlCmd | KeyMod.Shift | KeyCode.KeyP, "palette"],
    [KeyMod.CtrlCmd | KeyCode.KeyK, "palette"],
    [KeyCode.F1, "palette"],
    [KeyMod.CtrlCmd | KeyCode.KeyB, "tree"],
    [KeyMod.CtrlCmd | KeyCode.KeyJ, "output"],
    [KeyCode.F6, "nextPane"],
  ];
  for (const [binding, name] of bindings) editor.addCommand(binding, () => keys()[name]());
}

/** Monaco over one file at a time; each path keeps its undo history, selection and scroll position. */
export default function MonacoEditor(props: CodeEditorProps): React.JSX.Element {
  const { path, value, dark, markers } = props;
  const host = useRef<HTMLDivElement>(null);
  const editing = useRef<Editing | null>(null);
  const latest = useRef(props);
  const [isFocused, setFocused] = useState(false);

  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const editor = monaco.editor.create(host.current as HTMLElement, {
      model: null,
      automaticLayout: true,
      minimap: { enabled: false },
      fontSize: 14,
      fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
      scrollBeyondLastLine: false,
      // "dimmed", the default on some systems, has too little contrast.
      renderFinalNewline: "on",
      tabSize: 4,
      fixedOverflowWidgets: true,
      padding: { top: 8 },
      ariaLabel: "Code editor. Press Control+M to make Tab move the focus.",
      accessibilitySupport: "auto",
    });
    const python = registerPython(() => latest.current.filesNow());
    bindKeys(editor, () => latest.current.keys);
    editor.onDidChangeModelContent(({ changes }) => {
      const model = editor.getModel();
      if (!model) return;
      for (const edit of editsOf(pathOf(model), changes)) latest.current.onLines(edit);
      latest.current.onChange(pathOf(model), model.getValue());
    });
    editor.onDidChangeCursorPosition(({ position }) =>
      latest.current.onCursor({ line: position.lineNumber, column: position.column }),
    );
    editor.onDidFocusEditorWidget(() => setFocused(true));
    editor.onDidBlurEditorWidget(() => {
      setFocused(false);
      latest.current.onBlur();
    });
    editing.current = { editor, views: new Map() };
    return () => {
      editing.current = null;
      python.dispose();
      for (const model of monaco.editor.getModels()) if (model.uri.scheme === SCHEME) model.dispose();
      editor.dispose();
    };
  }, []);

  useEffect(() => {
    if (editing.current) showFile(editing.current, path, value);
  }, [path, value]);

  useEffect(() => {
    showMarkers(editing.current?.editor.getModel() ?? null, markers);
  }, [markers, path, value]);

  useEffect(() => {
    monaco.editor.setTheme(dark ? "byteme-dark" : "byteme-light");
  }, [dark]);

  useReveal(props, path, (line) => {
    const editor = editing.current?.editor;
    editor?.setPosition({ lineNumber: line, column: 1 });
    editor?.revealLineInCenter(line);
    editor?.focus();
  });

  return (
    <>
      <Box ref={host} sx={{ position: "absolute", inset: 0 }} />
      {isFocused && <TabHint />}
    </>
  );
}

/** Tab indents in the editor: how to leave it must not be a secret. */
function TabHint(): React.JSX.Element {
  return (
    <Typography
      variant="caption"
      color="textSecondary"
      sx={{
        position: "absolute",
        right: 18,
        bottom: 4,
        px: 0.75,
        borderRadius: 1,
        bgcolor: "background.paper",
        pointerEvents: "none",
        zIndex: 1,
      }}
    >
      Ctrl+M: Tab moves the focus
    </Typography>
  );
}
