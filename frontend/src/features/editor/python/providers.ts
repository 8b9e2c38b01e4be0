import { monaco } from "../../../components/monaco";
import type { Files } from "../../../lib/file-tree";
import { completionsAt, hoverAt, scanProject, signatureAt, type Kind, type Place } from "./assist";
import { Library } from "./library";
import type { ScannedFile } from "./scan";
import { fetchSymbols, PACKAGES } from "./symbol-files";
import type { SymbolTable } from "./symbols";

const { CompletionItemKind } = monaco.languages;
const KINDS: Record<Kind, monaco.languages.CompletionItemKind> = {
  class: CompletionItemKind.Class,
  function: CompletionItemKind.Function,
  variable: CompletionItemKind.Variable,
  module: CompletionItemKind.Module,
  keyword: CompletionItemKind.Keyword,
  parameter: CompletionItemKind.Property,
};

const library = new Library(PACKAGES, fetchSymbols);

type Question<T> = (place: Place, table: SymbolTable, project: ReadonlyMap<string, ScannedFile>) => T;

/** Completion, hover and signatures for Python, made in this page. `filesNow` gives the project's other files. */
export function registerPython(filesNow: () => Files): monaco.IDisposable {
  const ask = <T>(
    question: Question<T>,
    model: monaco.editor.ITextModel,
    position: monaco.Position,
  ): Promise<T> => {
    const path = model.uri.path.slice(1);
    const source = model.getValue();
    const project = scanProject({ ...filesNow(), [path]: source });
    return library.ask(project, (table) =>
      question({ path, source, offset: model.getOffsetAt(position) }, table, project),
    );
  };
  const registered = [
    monaco.languages.registerCompletionItemProvider("python", {
      triggerCharacters: ["."],
      provideCompletionItems: async (model, position) => {
        const word = model.getWordUntilPosition(position);
        const range = new monaco.Range(
          position.lineNumber,
          word.startColumn,
          position.lineNumber,
          word.endColumn,
        );
        const found = await ask(completionsAt, model, position);
        return {
          suggestions: found.map(({ name, kind, signature, doc }) => ({
            label: { label: name, description: kind },
            kind: KINDS[kind],
            insertText: name,
            detail: signature ? name + signature : undefined,
            documentation: doc,
            sortText: (kind === "parameter" ? "0" : kind === "keyword" ? "2" : "1") + name,
            range,
          })),
        };
      },
    }),
    monaco.languages.registerHoverProvider("python", {
      provideHover: async (model, position) => {
        const hover = await ask(hoverAt, model, position);
        const code = hover && `\`\`\`python\n${hover.title}\n\`\`\``;
        return code ? { contents: [{ value: code }, { value: escapeMarkdown(hover.doc) }] } : null;
      },
    }),
    monaco.languages.registerSignatureHelpProvider("python", {
      signatureHelpTriggerCharacters: ["(", ","],
      provideSignatureHelp: async (model, position) => {
        const help = await ask(signatureAt, model, position);
        if (!help) return null;
        const { label, parameters, active, doc } = help;
        const signature = {
          label,
          documentation: doc,
          parameters: parameters.map((parameter) => ({ label: parameter })),
        };
        return {
          value: { signatures: [signature], activeSignature: 0, activeParameter: active },
          dispose: () => undefined,
        };
      },
    }),
  ];
  return { dispose: () => registered.forEach((one) => one.dispose()) };
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>]/g, "\\$&");
}
