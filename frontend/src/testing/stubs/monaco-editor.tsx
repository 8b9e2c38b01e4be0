import type { CodeEditorProps } from "../../features/editor/monaco-editor";

/** A text area in the editor's place. */
export default function MonacoEditor({ path, value, onChange, onRun }: CodeEditorProps): React.JSX.Element {
  return (
    <textarea
      aria-label="Code editor"
      value={value}
      onChange={(event) => onChange(path, event.target.value)}
      onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && onRun()}
    />
  );
}
