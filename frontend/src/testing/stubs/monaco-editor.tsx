import type { CodeEditorProps } from "../../features/editor/editor-props";

/** A text area in the editor's place. */
export default function MonacoEditor({ path, value, onChange, keys }: CodeEditorProps): React.JSX.Element {
  return (
    <textarea
      aria-label="Code editor"
      value={value}
      onChange={(event) => onChange(path, event.target.value)}
      onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && keys.run()}
    />
  );
}
