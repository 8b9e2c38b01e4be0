import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";

import type { CodeViewProps } from "./code-view";
import { monaco } from "./monaco";
import { useReveal } from "./use-reveal";

const OPTIONS: monaco.editor.IEditorOptions & monaco.editor.IGlobalEditorOptions = {
  readOnly: true,
  automaticLayout: true,
  minimap: { enabled: false },
  fontSize: 13,
  fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  scrollBeyondLastLine: false,
  renderFinalNewline: "on",
  accessibilitySupport: "auto",
};
/** Side by side only where there is room for two. */
const SIDE_BY_SIDE_FROM = 700;

const nothing = (): void => undefined;

let shown = 0;

/** The diff editor takes the names of its two sides away whenever an option changes. */
function keepName(side: monaco.editor.ICodeEditor, name: string): void {
  const set = (): void => {
    if (side.getOption(monaco.editor.EditorOption.ariaLabel) !== name)
      side.updateOptions({ ariaLabel: name });
  };
  set();
  side.onDidChangeConfiguration(set);
}

/** Monaco over texts that are not edited. */
export default function MonacoView(props: CodeViewProps): React.JSX.Element {
  const { path, text, before, dark, reveal = null, onRevealed = nothing, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const code = useRef<monaco.editor.ICodeEditor | null>(null);

  useEffect(() => {
    const element = host.current as HTMLElement;
    const number = ++shown;
    const modelOf = (side: string, value: string): monaco.editor.ITextModel =>
      monaco.editor.createModel(
        value,
        undefined,
        monaco.Uri.from({ scheme: "view", path: `/${number}/${side}/${path}` }),
      );
    const after = modelOf("after", text);
    const models = [after];
    let close: () => void;
    if (before === undefined) {
      const single = monaco.editor.create(element, { ...OPTIONS, ariaLabel: label, model: after });
      code.current = single;
      close = () => single.dispose();
    } else {
      const original = modelOf("before", before);
      models.push(original);
      const diff = monaco.editor.createDiffEditor(element, {
        ...OPTIONS,
        useInlineViewWhenSpaceIsLimited: true,
        renderSideBySideInlineBreakpoint: SIDE_BY_SIDE_FROM,
        hideUnchangedRegions: { enabled: true },
      });
      diff.setModel({ original, modified: after });
      keepName(diff.getOriginalEditor(), `${label}, before`);
      keepName(diff.getModifiedEditor(), `${label}, after`);
      code.current = diff.getModifiedEditor();
      close = () => {
        // First the models: what is being computed of them would else meet an editor that is gone.
        diff.setModel(null);
        diff.dispose();
      };
    }
    return () => {
      code.current = null;
      close();
      for (const model of models) model.dispose();
    };
  }, [path, text, before, label]);

  useEffect(() => {
    monaco.editor.setTheme(dark ? "byteme-dark" : "byteme-light");
  }, [dark]);

  useReveal({ reveal, onRevealed }, path, (line) => {
    code.current?.setPosition({ lineNumber: line, column: 1 });
    code.current?.revealLineInCenter(line);
    code.current?.focus();
  });

  return <Box ref={host} sx={{ position: "absolute", inset: 0 }} />;
}
