import { closing, logicalLines, splitOutside, type LogicalLine } from "./lines";
import type { Entry, ModuleSymbols } from "./symbols";

/** What a name stands for where it is bound. */
export interface Binding {
  kind: "import" | "class" | "function" | "variable" | "parameter";
  /** The dotted name of what was imported or defined. */
  path?: string;
  /** An annotation, as written. */
  type?: string;
  /** What it was set to, as written; `part` of it when a tuple was taken apart; an item of it in a loop. */
  expression?: string;
  part?: number;
  isItem?: boolean;
  entry?: Entry;
}

export interface Scope {
  names: Map<string, Binding>;
  /** Lines from the header to the last statement. */
  from: number;
  to: number;
  indent: number;
  /** The dotted name of the class that is, or is around, this scope. */
  className: string | null;
}

export interface ScannedFile {
  module: string;
  /** The module's scope first, then those of classes and functions, outer ones before inner ones. */
  scopes: Scope[];
  symbols: ModuleSymbols;
}

/** "src/net.py" -> "src.net"; a package's "__init__.py" is the package. */
export function moduleName(path: string): string {
  return path
    .replace(/\.pyi?$/, "")
    .replace(/(^|\/)__init__$/, "")
    .replaceAll("/", ".");
}

interface Block {
  scope: Scope;
  entry: Entry | null;
  kind: "module" | "class" | "function";
}

const DEF = /^(?:async\s+)?def\s+(\w+)\s*\(/;
const CLASS = /^class\s+(\w+)\s*(\(|:)/;
const TARGETS = /^((?:self\.)?\w+(?:\s*,\s*\w+)*)\s*(?::\s*([^=]+?))?\s*=\s*(?!=)(.+)$/s;
const ANNOTATED = /^((?:self\.)?\w+)\s*:\s*([\w.[\], |"']+)$/;

/** Finds imports, definitions and assignments; it never fails, whatever the source is. */
export function scan(path: string, source: string): ScannedFile {
  const module = moduleName(path);
  const top: Scope = { names: new Map(), from: 1, to: Infinity, indent: -1, className: null };
  const members: Record<string, Entry> = {};
  const blocks: Block[] = [{ scope: top, entry: null, kind: "module" }];
  const scopes = [top];
  const lines = logicalLines(source);
  const doc = lines[0] && docOf(lines[0]);
  for (const [index, line] of lines.entries()) {
    while (blocks.length > 1 && line.indent <= (blocks.at(-1) as Block).scope.indent) blocks.pop();
    for (const block of blocks.slice(1)) block.scope.to = line.endLine;
    const block = blocks.at(-1) as Block;
    const opened = definition(line, block, module, lines[index + 1]);
    if (!opened) {
      statement(line.text, block, blocks, module);
      continue;
    }
    scopes.push(opened.scope);
    blocks.push(opened);
  }
  for (const [name, binding] of top.names) {
    if (binding.kind === "import") continue;
    members[name] = binding.entry ?? {
      k: "v",
      x: binding.expression,
      r: annotationPath(binding.type, top, module),
    };
  }
  return { module, scopes, symbols: { m: members, ...(doc && { d: doc }) } };
}

function definition(
  line: LogicalLine,
  block: Block,
  module: string,
  next: LogicalLine | undefined,
): Block | null {
  const isDef = DEF.exec(line.text);
  const isClass = CLASS.exec(line.text);
  const name = (isDef ?? isClass)?.[1];
  if (!name) return null;
  const outer = block.scope;
  const path = `${outer.className && block.kind === "class" ? outer.className : module}.${name}`;
  const entry: Entry = isDef ? functionEntry(line.text, outer, module) : classEntry(line.text, outer, module);
  const doc = next && next.indent > line.indent ? docOf(next) : null;
  if (doc) entry.d = doc;
  outer.names.set(name, { kind: isDef ? "function" : "class", path, entry });
  if (block.kind === "class" && block.entry) setMember(block.entry, name, entry);
  const className = isDef ? outer.className : path;
  const scope: Scope = {
    names: new Map(),
    from: line.line,
    to: line.endLine,
    indent: line.indent,
    className,
  };
  if (isDef) bindParameters(line.text, scope, block.kind === "class");
  return { scope, entry, kind: isDef ? "function" : "class" };
}

function functionEntry(text: string, scope: Scope, module: string): Entry {
  const open = text.indexOf("(");
  const end = closing(text, open);
  const result = /^\s*->\s*([^:]+)/.exec(text.slice(end))?.[1]?.trim();
  const parameters = splitOutside(text.slice(open + 1, end - 1));
  const shown = /^(self|cls)\b/.test(parameters[0] ?? "") ? parameters.slice(1) : parameters;
  return {
    k: "f",
    s: `(${shown.join(", ")})${result ? ` -> ${result}` : ""}`,
    r: annotationPath(result, scope, module),
  };
}

function classEntry(text: string, scope: Scope, module: string): Entry {
  const open = text.indexOf("(");
  const bases = open < 0 ? [] : splitOutside(text.slice(open + 1, closing(text, open) - 1));
  const named = bases.filter((base) => /^[\w.]+$/.test(base));
  return { k: "c", m: {}, b: named.map((base) => qualify(base, scope, module)) };
}

function bindParameters(text: string, scope: Scope, isMethod: boolean): void {
  const open = text.indexOf("(");
  for (const [index, parameter] of splitOutside(text.slice(open + 1, closing(text, open) - 1)).entries()) {
    const [, name, type, value] = /^\*{0,2}(\w+)\s*(?::\s*([^=]+?))?\s*(?:=\s*(.*))?$/s.exec(parameter) ?? [];
    if (!name) continue;
    const isSelf = isMethod && index === 0 && (name === "self" || name === "cls");
    scope.names.set(name, {
      kind: "parameter",
      ...(isSelf
        ? { path: scope.className ?? undefined }
        : { type: type?.trim(), expression: value?.trim() }),
    });
  }
}

function statement(text: string, block: Block, blocks: readonly Block[], module: string): void {
  const { names } = block.scope;
  if (/^(import|from)\b/.test(text)) {
    bindImports(text, names, module);
    return;
  }
  const loop = /^(?:async\s+)?for\s+(.+?)\s+in\s+(.+?):/s.exec(text);
  if (loop?.[1]) {
    bindTargets(loop[1], { kind: "variable", expression: loop[2], isItem: true }, names);
    return;
  }
  const context = /^(?:async\s+)?with\s+(.+?)\s+as\s+(\w+)/s.exec(text);
  if (context) names.set(context[2] as string, { kind: "variable", expression: context[1] });
  const caught = /^except\s+([\w.]+)\s+as\s+(\w+)/.exec(text);
  if (caught) names.set(caught[2] as string, { kind: "variable", type: caught[1] });
  const [, targets, type, expression] = TARGETS.exec(text) ?? [];
  if (targets)
    assign(
      targets,
      { kind: "variable", type: type?.trim(), expression: expression?.trim() },
      block,
      blocks,
      module,
    );
  const [, name, only] = targets ? [] : (ANNOTATED.exec(text) ?? []);
  if (name && !/^(else|try|finally|lambda)$/.test(name))
    assign(name, { kind: "variable", type: only }, block, blocks, module);
}

function assign(
  targets: string,
  binding: Binding,
  block: Block,
  blocks: readonly Block[],
  module: string,
): void {
  const own = /^self\.(\w+)$/.exec(targets)?.[1];
  const cls = own === undefined ? block : blocks.findLast(({ kind }) => kind === "class");
  const name = own ?? targets;
  if (own === undefined) bindTargets(targets, binding, block.scope.names);
  if (cls?.kind !== "class" || !cls.entry || !/^\w+$/.test(name) || name in (cls.entry.m ?? {})) return;
  const parameter = binding.expression && block.scope.names.get(binding.expression);
  const type = binding.type ?? (parameter ? parameter.type : undefined);
  setMember(cls.entry, name, { k: "v", x: binding.expression, r: annotationPath(type, block.scope, module) });
}

function bindTargets(targets: string, binding: Binding, names: Map<string, Binding>): void {
  const list = splitOutside(targets.replace(/^\((.*)\)$/s, "$1"));
  // "for i, x in enumerate(items)": x is an item of items.
  const counted = binding.isItem ? /^enumerate\((.*)\)$/s.exec(binding.expression ?? "")?.[1] : undefined;
  for (const [index, name] of list.entries()) {
    if (!/^\w+$/.test(name)) continue;
    if (list.length === 1) names.set(name, binding);
    else if (counted && index === 1) names.set(name, { ...binding, expression: counted });
    else names.set(name, { ...binding, part: index });
  }
}

function bindImports(text: string, names: Map<string, Binding>, module: string): void {
  const from = /^from\s+(\.*)([\w.]*)\s+import\s+(.+)$/s.exec(text);
  const list = splitOutside((from ? (from[3] as string) : text.slice("import".length)).replace(/[()]/g, " "));
  const origin = from ? importedFrom(from[1] as string, from[2] as string, module) : "";
  for (const item of list) {
    const [, name, alias] = /^([\w.]+)(?:\s+as\s+(\w+))?$/.exec(item.trim()) ?? [];
    if (!name) continue;
    const path = from ? `${origin}.${name}` : name;
    if (alias ?? from) names.set(alias ?? name, { kind: "import", path });
    else names.set(name.split(".", 1)[0] as string, { kind: "import", path: name.split(".", 1)[0] });
  }
}

/** "from ..a import b" in "x.y.z" names "x.a". */
function importedFrom(dots: string, name: string, module: string): string {
  if (!dots) return name;
  const above = module.split(".").slice(0, -dots.length);
  return [...above, ...(name ? [name] : [])].join(".");
}

/** A name written in the module, as a dotted name that means the same everywhere. */
function qualify(written: string, scope: Scope, module: string): string {
  const [head = "", ...rest] = written.split(".");
  const binding = scope.names.get(head);
  if (binding?.path) return [binding.path, ...rest].join(".");
  return BUILT_IN.has(head) ? `builtins.${written}` : `${module}.${written}`;
}

const BUILT_IN = new Set([
  "str",
  "int",
  "float",
  "bool",
  "list",
  "dict",
  "set",
  "tuple",
  "bytes",
  "object",
  "type",
  "Exception",
]);

/** The class an annotation means: "torch.Tensor", "Optional[Net]", "'Net | None'". */
export function annotationPath(type: string | undefined, scope: Scope, module: string): string | undefined {
  const words = type
    ?.match(/[A-Za-z_][\w.]*/g)
    ?.filter((word) => !/^(None|Optional|Union|typing\.\w+|Final|ClassVar)$/.test(word));
  return words?.[0] ? qualify(words[0], scope, module) : undefined;
}

function setMember(entry: Entry, name: string, member: Entry): void {
  (entry.m as Record<string, Entry>)[name] = member;
}

function docOf({ text }: LogicalLine): string | null {
  const [, body] = /^[rRuU]?(?:"""|'''|"|')(.*?)(?:"""|'''|"|')$/s.exec(text) ?? [];
  return (
    body
      ?.trim()
      .split(/\n\s*\n/)[0]
      ?.replace(/\s+/g, " ") ?? null
  );
}
