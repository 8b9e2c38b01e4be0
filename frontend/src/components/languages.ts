import type * as monaco from "monaco-editor/editor";

/** JSON without Monaco's language service, which would weigh as much as the editor's worker once more. */
const JSON_TOKENS: monaco.languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/"(?:[^"\\]|\\.)*"(?=\s*:)/, "type"],
      [/"(?:[^"\\]|\\.)*"/, "string"],
      [/"/, "string.invalid"],
      [/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, "number"],
      [/\b(?:true|false|null)\b/, "keyword"],
      [/[{}[\],:]/, "delimiter"],
      [/\/\/.*$/, "comment"],
    ],
  },
};

/** Columns of a CSV file in turns. */
const CSV_TOKENS: monaco.languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/"(?:[^"]|"")*"/, "string"],
      [/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[,;\t]|$)/, "number"],
      [/[,;\t]/, "delimiter"],
      [/[^",;\t]+/, "identifier"],
    ],
  },
};

const BRACKETS: monaco.languages.LanguageConfiguration = {
  brackets: [
    ["{", "}"],
    ["[", "]"],
  ],
  autoClosingPairs: [
    { open: "{", close: "}" },
    { open: "[", close: "]" },
    { open: '"', close: '"', notIn: ["string"] },
  ],
};

export function registerLanguages({ languages }: typeof monaco): void {
  languages.register({ id: "json", extensions: [".json", ".ipynb", ".jsonl", ".webmanifest"] });
  languages.setMonarchTokensProvider("json", JSON_TOKENS);
  languages.setLanguageConfiguration("json", BRACKETS);
  languages.register({ id: "csv", extensions: [".csv", ".tsv"] });
  languages.setMonarchTokensProvider("csv", CSV_TOKENS);
}
