import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";

import { monaco } from "../../components/monaco";

export interface MonacoDiffProps {
  path: string;
  before: string;
  after: string;
  dark: boolean;
}

let count = 0;

export default function MonacoDiff({ path, before, after, dark }: MonacoDiffProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const uri = (side: string): monaco.Uri =>
      monaco.Uri.from({ scheme: `diff-${++count}-${side}`, path: `/${path}` });
    const original = monaco.editor.createModel(before, undefined, uri("before"));
    const modified = monaco.editor.createModel(after, undefined, uri("after"));
    const editor = monaco.editor.createDiffEditor(host.current as HTMLElement, {
      automaticLayout: true,
      readOnly: true,
      renderFinalNewline: "on",
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      useInlineViewWhenSpaceIsLimited: true,
    });
    editor.getOriginalEditor().updateOptions({ ariaLabel: "The other version" });
    editor.getModifiedEditor().updateOptions({ ariaLabel: "Your version" });
    editor.setModel({ original, modified });
    return () => {
      editor.dispose();
      original.dispose();
      modified.dispose();
    };
  }, [path, before, after]);

  useEffect(() => {
    monaco.editor.setTheme(dark ? "byteme-dark" : "byteme-light");
  }, [dark]);

  return <Box ref={host} sx={{ position: "absolute", inset: 0 }} />;
}
