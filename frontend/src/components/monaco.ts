import * as monaco from "monaco-editor/editor";
import "monaco-editor/features/register.all";
import "monaco-editor/languages/definitions/python/register";
import "monaco-editor/languages/definitions/yaml/register";
import "monaco-editor/languages/definitions/markdown/register";
import "monaco-editor/languages/definitions/shell/register";
import EditorWorker from "monaco-editor/editor/editor.worker?worker";

import { registerLanguages } from "./languages";

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

monaco.editor.defineTheme("byteme-dark", {
  base: "vs-dark",
  inherit: true,
  rules: [],
  colors: {
    "editor.background": "#0d1117",
    // Monaco's own leave too little contrast to keywords.
    "diffEditor.insertedLineBackground": "#2ea04318",
    "diffEditor.insertedTextBackground": "#2ea04318",
    "diffEditor.removedLineBackground": "#f8514912",
    "diffEditor.removedTextBackground": "#f8514912",
  },
});

monaco.editor.defineTheme("byteme-light", {
  base: "vs",
  inherit: true,
  rules: [],
  colors: {
    "diffEditor.insertedLineBackground": "#2ea04310",
    "diffEditor.insertedTextBackground": "#2ea04318",
    "diffEditor.removedLineBackground": "#f851490a",
    "diffEditor.removedTextBackground": "#f8514914",
  },
});

registerLanguages(monaco);

export { monaco };
