import { contextAt, splitOutside } from "./lines";
import { Resolver, type Value } from "./resolve";
import { moduleName, scan, type Binding, type ScannedFile, type Scope } from "./scan";
import type { Entry, Found, SymbolTable } from "./symbols";

export type Kind = "class" | "function" | "variable" | "module" | "keyword" | "parameter";

export interface Completion {
  name: string;
  kind: Kind;
  signature: string;
  doc: string;
}

interface Hover {
  title: string;
  doc: string;
}

interface Help {
  label: string;
  parameters: string[];
  active: number;
  doc: string;
}

/** A file and a place in it; lines count from 1, `offset` from 0. */
export interface Place {
  path: string;
  source: string;
  offset: number;
}

const KEYWORDS =
  "and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield".split(
    " ",
  );

/** Reads the project's Python files; the table is made from them and what is loaded of the sandbox's packages. */
export function scanProject(files: Readonly<Record<string, string>>): Map<string, ScannedFile> {
  const scanned = new Map<string, ScannedFile>();
  for (const [path, source] of Object.entries(files)) {
    if (path.endsWith(".py")) scanned.set(moduleName(path), scan(path, source));
  }
  return scanned;
}

export function completionsAt(
  place: Place,
  table: SymbolTable,
  project: ReadonlyMap<string, ScannedFile>,
): Completion[] {
  const { source, offset } = place;
  if (contextAt(source, offset) !== "code") return [];
  const look = lookAt(place, table, project);
  const line = source.slice(source.lastIndexOf("\n", offset - 1) + 1, offset);
  const imported = importCompletions(line, look.resolver);
  if (imported) return imported;
  const word = /\w*$/.exec(line)?.[0].length ?? 0;
  const before = source.slice(0, offset - word);
  if (/\.\s*$/.test(before)) {
    const value = look.value(primaryBefore(before.replace(/\.\s*$/, "").trimEnd()));
    return value ? listed(look.resolver.membersOf(value)) : [];
  }
  if (/^\d/.test(line.slice(line.length - word))) return [];
  return [
    ...argumentNames(before, look),
    ...namesInSight(look),
    ...KEYWORDS.map((name) => plain(name, "keyword")),
  ];
}

export function hoverAt(
  place: Place,
  table: SymbolTable,
  project: ReadonlyMap<string, ScannedFile>,
): Hover | null {
  const { source, offset } = place;
  if (contextAt(source, offset) !== "code") return null;
  const end = offset + (/^\w*/.exec(source.slice(offset))?.[0].length ?? 0);
  const expression = primaryBefore(source.slice(0, end));
  const [, owner, name] = /^(?:(.+)\.)?\s*(\w+)$/s.exec(expression) ?? [];
  if (!name || KEYWORDS.includes(name)) return null;
  const look = lookAt({ ...place, offset: end }, table, project);
  const inImport = importedName(source, offset, name, look);
  const holder = owner === undefined ? null : look.value(owner);
  const found = inImport ?? (holder && look.resolver.foundMember(holder, name));
  const value = look.value(expression);
  if (found) return described(name, found.entry, found.path, value);
  return value ? describedValue(name, value, table) : null;
}

export function signatureAt(
  place: Place,
  table: SymbolTable,
  project: ReadonlyMap<string, ScannedFile>,
): Help | null {
  const call = callAround(place.source.slice(0, place.offset));
  if (!call) return null;
  const value = lookAt(place, table, project).value(call.callee);
  const entry = value && "found" in value ? value.found.entry : null;
  const signature = entry && value && signatureOf(entry, value, table);
  if (!entry || !signature) return null;
  const parameters = parametersOf(signature);
  const name = /(\w+)$/.exec(call.callee)?.[1] ?? "";
  return {
    label: name + signature,
    parameters,
    active: activeParameter(call, parameters),
    doc: entry.d ?? "",
  };
}

interface Look {
  resolver: Resolver;
  scopes: Scope[];
  value: (expression: string) => Value | null;
}

function lookAt(
  { path, source, offset }: Place,
  table: SymbolTable,
  project: ReadonlyMap<string, ScannedFile>,
): Look {
  const before = source.slice(0, offset).split("\n");
  const text = before.at(-1) ?? "";
  // On an empty line the cursor says how deep one is.
  const indent = text.trim() ? text.length - text.trimStart().length : text.length;
  const file = project.get(moduleName(path)) ?? scan(path, source);
  const resolver = new Resolver(table, file, project);
  const scopes = resolver.scopesAt(before.length, indent);
  return { resolver, scopes, value: (expression) => resolver.evaluate(expression, scopes) };
}

/** The name, with its calls, items and members, that ends where the text ends: "a.b(c)[0]" of "x = a.b(c)[0]". */
export function primaryBefore(text: string): string {
  let at = text.length;
  for (;;) {
    const end = at;
    while (/\s/.test(text[at - 1] ?? "") && /^\s*\./.test(text.slice(at))) at--;
    if (/[)\]]/.test(text[at - 1] ?? "")) at = opening(text, at);
    else if (/["']/.test(text[at - 1] ?? "")) return text.slice(stringStart(text, at));
    else {
      while (/\w/.test(text[at - 1] ?? "")) at--;
      if (text[at - 1] !== ".") return text.slice(at);
      at--;
    }
    if (at === end) return text.slice(at);
  }
}

function opening(text: string, from: number): number {
  let depth = 0;
  for (let at = from - 1; at >= 0; at--) {
    if (")]}".includes(text[at] as string)) depth++;
    else if ("([{".includes(text[at] as string) && --depth === 0) return at;
  }
  return from;
}

function stringStart(text: string, from: number): number {
  const quote = text[from - 1] as string;
  return Math.max(0, text.lastIndexOf(quote, from - 2));
}

interface Call {
  callee: string;
  arguments: string;
}

/** The call whose brackets are open where the text ends. */
function callAround(text: string): Call | null {
  let depth = 0;
  const first = Math.max(0, text.length - 4000);
  for (let at = text.length - 1; at >= first; at--) {
    const char = text[at] as string;
    if (")]}".includes(char)) depth++;
    else if ("([{".includes(char) && depth-- === 0) {
      const callee = char === "(" ? primaryBefore(text.slice(0, at)) : "";
      const isDefinition = /\b(def|class)\s+\w*$/.test(text.slice(0, at));
      return callee && !isDefinition ? { callee, arguments: text.slice(at + 1) } : null;
    }
  }
  return null;
}

/** Within "import ..": modules, or what a module has; null elsewhere. */
function importCompletions(line: string, resolver: Resolver): Completion[] | null {
  const members = /^\s*from\s+([\w.]+)\s+import\s+[\w\s,(]*$/.exec(line)?.[1];
  if (members) return listed(resolver.membersOf({ is: "module", path: members }));
  const module = /^\s*(?:import\s+(?:[\w. ]+,\s*)*|from\s+)([\w.]*)$/.exec(line)?.[1];
  if (module === undefined) return null;
  const above = module.includes(".") ? module.slice(0, module.lastIndexOf(".")) : null;
  // Asking for the module is what loads its package.
  if (above !== null) resolver.table.module(above);
  const names = above === null ? resolver.table.topModules() : resolver.table.submodules(above);
  return names.map((name) => plain(name, "module"));
}

function importedName(source: string, offset: number, name: string, look: Look): Found | null {
  const from = source.lastIndexOf("\n", offset - 1) + 1;
  const module = /^\s*from\s+([\w.]+)\s+import\b/.exec(source.slice(from, offset))?.[1];
  return module ? look.resolver.table.find(`${module}.${name}`) : null;
}

function namesInSight({ resolver, scopes }: Look): Completion[] {
  const seen = new Map<string, Completion>();
  for (const scope of scopes) {
    for (const [name, binding] of scope.names)
      if (!seen.has(name)) seen.set(name, ofBinding(name, binding, resolver));
  }
  for (const item of listed(resolver.membersOf({ is: "module", path: "builtins" }))) {
    if (!seen.has(item.name)) seen.set(item.name, item);
  }
  return [...seen.values()];
}

function ofBinding(name: string, { kind, path, entry }: Binding, resolver: Resolver): Completion {
  if (entry) return completion(name, entry);
  if (kind !== "import" || !path) return plain(name, "variable");
  const found = resolver.table.find(path);
  return found ? completion(name, found.entry) : plain(name, "module");
}

/** "lr=" within the brackets of a call that takes it. */
function argumentNames(before: string, look: Look): Completion[] {
  const call = callAround(before);
  const value = call && !/=\s*$/.test(before) ? look.value(call.callee) : null;
  const signature =
    value && "found" in value ? signatureOf(value.found.entry, value, look.resolver.table) : null;
  const named = parametersOf(signature ?? "").flatMap((parameter) => /^(\w+)/.exec(parameter)?.[1] ?? []);
  return named.map((name) => plain(`${name}=`, "parameter"));
}

function signatureOf(entry: Entry, value: Value, table: SymbolTable): string | null {
  if (entry.s || value.is !== "class") return entry.s ?? null;
  return table.member(value.found.path, "__init__")?.entry.s ?? null;
}

/** The parameters of "(a, b=1, *, c) -> d", without the marks between them. */
function parametersOf(signature: string): string[] {
  const end = signature.lastIndexOf(")");
  return splitOutside(signature.slice(1, end)).filter((parameter) => !/^[*/…]$/.test(parameter));
}

function activeParameter(call: Call, parameters: readonly string[]): number {
  const given = splitOutside(`${call.arguments} `.replace(/,\s*$/, ", …"));
  const named = /^(\w+)\s*=(?!=)/.exec(given.at(-1) ?? "")?.[1];
  const byName = parameters.findIndex(
    (parameter) => named !== undefined && new RegExp(`^\\*{0,2}${named}\\b`).test(parameter),
  );
  return byName >= 0 ? byName : Math.max(0, given.length - 1);
}

function listed(members: ReadonlyMap<string, Found | "module">): Completion[] {
  return [...members].map(([name, found]) =>
    found === "module" ? plain(name, "module") : completion(name, found.entry),
  );
}

function completion(name: string, entry: Entry): Completion {
  const kind = entry.k === "c" ? "class" : entry.k === "f" ? "function" : "variable";
  return { name, kind, signature: entry.s ?? "", doc: entry.d ?? "" };
}

function plain(name: string, kind: Kind): Completion {
  return { name, kind, signature: "", doc: "" };
}

function described(name: string, entry: Entry, path: string, value: Value | null): Hover {
  if (entry.k === "c") return { title: `class ${path}${entry.s ?? ""}`, doc: entry.d ?? "" };
  if (entry.k === "f") return { title: `def ${name}${entry.s ?? "()"}`, doc: entry.d ?? "" };
  const type = value?.is === "instance" ? value.path : null;
  return { title: type ? `${name}: ${type}` : name, doc: entry.d ?? "" };
}

function describedValue(name: string, value: Value, table: SymbolTable): Hover {
  if (value.is === "module") return { title: `module ${value.path}`, doc: table.module(value.path)?.d ?? "" };
  if ("found" in value) return described(name, value.found.entry, value.found.path, value);
  if (value.is === "tuple") return { title: `${name}: tuple`, doc: "" };
  return { title: `${name}: ${value.path}`, doc: "" };
}
