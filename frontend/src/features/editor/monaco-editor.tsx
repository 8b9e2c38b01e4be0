import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";

import { monaco } from "../../components/monaco";

export interface CodeEditorProps {
  path: string;
  value: string;
  dark: boolean;
  /** A place to show and put the cursor at; a new object asks again. */
  reveal: { line: number } | null;
  onChange: (path: string, value: string) => void;
  onRun: () => void;
  onStop: () => void;
}

interface Editing {
  editor: monaco.editor.IStandaloneCodeEditor;
  views: Map<string, monaco.editor.ICodeEditorViewState | null>;
}

function uriOf(path: string): monaco.Uri {
  return monaco.Uri.from({ scheme: "draft", path: `/${path}` });
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

/** Monaco over one file at a time; each path keeps its undo history, selection and scroll position. */
export default function MonacoEditor(props: CodeEditorProps): React.JSX.Element {
  const { path, value, dark, reveal } = props;
  const host = useRef<HTMLDivElement>(null);
  const editing = useRef<Editing | null>(null);
  const latest = useRef(props);

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
    editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => latest.current.onRun());
    // Monaco has a use of its own for this one, and would swallow it.
    editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Period, () => latest.current.onStop());
    editor.onDidChangeModelContent(() => {
      const model = editor.getModel();
      if (model) latest.current.onChange(pathOf(model), model.getValue());
    });
    editing.current = { editor, views: new Map() };
    return () => {
      editing.current = null;
      for (const model of monaco.editor.getModels()) model.dispose();
      editor.dispose();
    };
  }, []);

  useEffect(() => {
    if (editing.current) showFile(editing.current, path, value);
  }, [path, value]);

  useEffect(() => {
    monaco.editor.setTheme(dark ? "byteme-dark" : "vs");
  }, [dark]);

  useEffect(() => {
    if (!reveal || !editing.current) return;
    const { editor } = editing.current;
    editor.setPosition({ lineNumber: reveal.line, column: 1 });
    editor.revealLineInCenter(reveal.line);
    editor.focus();
  }, [reveal, path]);

  return <Box ref={host} sx={{ position: "absolute", inset: 0 }} />;
}
