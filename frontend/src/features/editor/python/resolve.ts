import { closing, splitOutside } from "./lines";
import { annotationPath, type Binding, type ScannedFile, type Scope } from "./scan";
import type { Found, SymbolTable } from "./symbols";

/** What an expression is, as far as reading it tells. */
export type Value =
  | { is: "module"; path: string }
  | { is: "class" | "function"; found: Found }
  /** Something of that class. */
  | { is: "instance"; path: string }
  | { is: "tuple"; parts: readonly string[] };

const DEEPEST = 12;

/** What an item of it is: of a table its columns, of an array arrays. */
const ITEMS: Readonly<Record<string, string>> = {
  "pandas.DataFrame": "pandas.Series",
  "torch.Tensor": "torch.Tensor",
  "numpy.ndarray": "numpy.ndarray",
  "builtins.str": "builtins.str",
  "torch.nn.Sequential": "torch.nn.Module",
  "torch.nn.ModuleList": "torch.nn.Module",
};

const LITERALS: [RegExp, string][] = [
  [/^[rRbBuUfF]{0,2}["']/, "builtins.str"],
  [/^\d+(?!\.|\d|e)/i, "builtins.int"],
  [/^\d*\.?\d/, "builtins.float"],
  [/^\[/, "builtins.list"],
  [/^\{[^:]*\}$/s, "builtins.set"],
  [/^\{/, "builtins.dict"],
  [/^(True|False)\b/, "builtins.bool"],
];

/** Understands expressions of one file, among the project's other files and the sandbox's packages. */
export class Resolver {
  constructor(
    readonly table: SymbolTable,
    readonly file: ScannedFile,
    private readonly others: ReadonlyMap<string, ScannedFile> = new Map(),
  ) {}

  /** The scopes that a line sees, inner ones first; class bodies are seen from themselves only. */
  scopesAt(line: number, indent: number): Scope[] {
    const around = this.file.scopes.filter(
      (scope, index) =>
        index === 0 || (scope.from < line && line <= this.reach(scope) && scope.indent < indent),
    );
    return around.reverse();
  }

  /** The value of an expression, evaluated where these names are known; null when reading alone does not tell. */
  evaluate(expression: string, scopes: readonly Scope[], depth = 0): Value | null {
    const text = expression.trim().replace(/^(await|not)\s+/, "");
    if (depth > DEEPEST || !text) return null;
    const literal = LITERALS.find(([pattern]) => pattern.test(text))?.[1];
    const head = /^[A-Za-z_]\w*/.exec(text)?.[0];
    const isText = literal === "builtins.str";
    if (literal && (!head || isText || literal === "builtins.bool")) {
      const end = isText
        ? stringEnd(text)
        : text.startsWith("[") || text.startsWith("{")
          ? closing(text, 0)
          : text.length;
      return this.trailers({ is: "instance", path: literal }, text.slice(end), depth);
    }
    if (text.startsWith("(")) {
      const end = closing(text, 0);
      const inner = splitOutside(text.slice(1, end - 1));
      const value = inner.length === 1 ? this.evaluate(inner[0] as string, scopes, depth + 1) : null;
      return value && this.trailers(value, text.slice(end), depth);
    }
    const value = head ? this.named(head, scopes, depth) : null;
    return value && this.trailers(value, text.slice((head as string).length), depth);
  }

  /** What a name means. */
  named(name: string, scopes: readonly Scope[], depth = 0): Value | null {
    for (const [index, scope] of scopes.entries()) {
      const binding = scope.names.get(name);
      if (binding) return this.bound(binding, scopes.slice(index), depth + 1);
    }
    return this.at(`builtins.${name}`);
  }

  /** What a dotted name means. */
  at(path: string): Value | null {
    const found = this.table.find(path);
    if (found) return this.valueOf(found);
    return this.table.isModule(path) ? { is: "module", path } : null;
  }

  /** A member by its name. */
  member(value: Value, name: string, depth = 0): Value | null {
    if (value.is === "module") return this.at(`${value.path}.${name}`);
    const found = this.foundMember(value, name);
    return found && this.valueOf(found, depth);
  }

  /** The object a member's name stands for, with what is written about it. */
  foundMember(value: Value, name: string): Found | null {
    const path = classPath(value);
    if (value.is === "module") return this.table.find(`${value.path}.${name}`);
    return path === null ? null : this.table.member(path, name);
  }

  /** Everything that can come after the dot. */
  membersOf(value: Value): Map<string, Found | "module"> {
    const path = classPath(value);
    if (path !== null) return this.table.members(path);
    if (value.is !== "module") return new Map();
    const all = new Map<string, Found | "module">();
    for (const [name, member] of Object.entries(this.table.module(value.path)?.m ?? {})) {
      const found = this.table.follow(member, `${value.path}.${name}`);
      if (found) all.set(name, found);
    }
    for (const name of this.table.submodules(value.path)) if (!all.has(name)) all.set(name, "module");
    return all;
  }

  /** What calling it gives. */
  call(value: Value): Value | null {
    if (value.is === "class") return { is: "instance", path: value.found.path };
    if (value.is === "function") return this.typed(value.found.entry.r);
    // A network is called; its forward says what comes out.
    if (value.is !== "instance" || !this.table.isA(value.path, "torch.nn.Module")) return null;
    return this.typed(this.table.member(value.path, "forward")?.entry.r ?? "torch.Tensor");
  }

  private bound(binding: Binding, scopes: readonly Scope[], depth: number): Value | null {
    const { kind, path, entry, type, expression } = binding;
    if (entry && path) return { is: kind === "class" ? "class" : "function", found: { path, entry } };
    if (kind === "parameter" && path) return { is: "instance", path };
    if (path) return this.at(path);
    if (type) {
      const outer = this.file.scopes[0] as Scope;
      return this.typed(annotationPath(type, outer, this.file.module));
    }
    const value = expression ? this.evaluate(expression, scopes, depth) : null;
    if (binding.isItem) return value && this.item(value);
    if (binding.part === undefined) return value;
    return value?.is === "tuple" ? this.typed(value.parts[binding.part]) : null;
  }

  private trailers(start: Value, rest: string, depth: number): Value | null {
    let value: Value | null = start;
    let text = rest;
    while (value) {
      const [whole, name] = /^\s*\.\s*(\w+)/.exec(text) ?? [];
      if (whole && name) {
        value = this.member(value, name, depth + 1);
        text = text.slice(whole.length);
      } else if (/^\s*[([]/.test(text)) {
        const open = text.search(/[([]/);
        value = text[open] === "(" ? this.call(value) : this.item(value);
        text = text.slice(closing(text, open));
      } else return value;
    }
    return null;
  }

  private item(value: Value): Value | null {
    return value.is === "instance" ? this.typed(ITEMS[value.path]) : null;
  }

  private typed(type: string | readonly string[] | undefined): Value | null {
    if (type === undefined) return null;
    return typeof type === "string"
      ? { is: "instance", path: this.table.find(type)?.path ?? type }
      : { is: "tuple", parts: type };
  }

  private valueOf(found: Found, depth = 0): Value | null {
    const { entry, path } = found;
    if (entry.k === "c") return { is: "class", found };
    if (entry.k === "f") return { is: "function", found };
    if (entry.r) return this.typed(entry.r);
    return entry.x ? this.elsewhere(path, entry.x, depth) : null;
  }

  /** An expression that stands in the module where `path` is defined. */
  private elsewhere(path: string, expression: string, depth: number): Value | null {
    const files = [this.file, ...this.others.values()];
    const file = files.find(({ module }) => path.startsWith(`${module}.`));
    if (!file) return null;
    const there = file === this.file ? this : new Resolver(this.table, file, this.others);
    return there.evaluate(expression, file.scopes.slice(0, 1), depth + 1);
  }

  /** A block also has the lines after its last statement, up to the next one outside. */
  private reach(scope: Scope): number {
    const next = this.file.scopes.filter(({ from, indent }) => from > scope.to && indent <= scope.indent);
    return next.length > 0 ? Math.min(...next.map(({ from }) => from - 1)) : Infinity;
  }
}

function classPath(value: Value): string | null {
  if (value.is === "instance") return value.path;
  return value.is === "class" ? value.found.path : value.is === "tuple" ? "builtins.tuple" : null;
}

function stringEnd(text: string): number {
  const [, prefix = "", quote = ""] = /^([rRbBuUfF]{0,2})("""|'''|"|')/.exec(text) ?? [];
  let at = prefix.length + quote.length;
  while (at < text.length && !text.startsWith(quote, at)) at += text[at] === "\\" ? 2 : 1;
  return at + quote.length;
}
