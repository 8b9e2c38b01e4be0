/** An object a program can name. */
export interface Entry {
  k: "c" | "f" | "v";
  /** Its signature, from "(" on. */
  s?: string;
  d?: string;
  /** The dotted name of the type it is, or gives when called; a list is a tuple's parts. */
  r?: string | readonly string[];
  /** Dotted names of the bases. */
  b?: readonly string[];
  m?: Members;
  /** Of a variable: the expression it was set to, to be understood among the module's names. */
  x?: string;
}

/** "=dotted.name" is an object that is described there. */
type Members = Readonly<Record<string, Entry | string>>;

export interface ModuleSymbols {
  d?: string;
  m: Members;
}

/** The modules of one top-level package, by dotted name. */
export type PackageSymbols = Readonly<Record<string, ModuleSymbols>>;

export interface Found {
  path: string;
  entry: Entry;
}

/** What can be named: the sandbox's packages, as far as they are loaded, and the project's own modules before them. */
export class SymbolTable {
  /** Packages that were asked for and are not loaded. */
  readonly missing = new Set<string>();

  constructor(
    private readonly loaded: ReadonlyMap<string, PackageSymbols>,
    private readonly own: PackageSymbols,
    readonly packages: readonly string[],
  ) {}

  module(name: string): ModuleSymbols | null {
    const mine = this.own[name];
    if (mine) return mine;
    const top = name.split(".", 1)[0] as string;
    const symbols = this.loaded.get(top);
    if (!symbols && this.packages.includes(top)) this.missing.add(top);
    return symbols?.[name] ?? null;
  }

  /** Whether there are modules below this one, though it may be none itself. */
  isModule(name: string): boolean {
    return this.module(name) !== null || this.submodules(name).length > 0;
  }

  /** The next parts of the names of the modules below. */
  submodules(name: string): string[] {
    const top = name.split(".", 1)[0] as string;
    const names = [...Object.keys(this.own), ...Object.keys(this.loaded.get(top) ?? {})];
    const below = names.filter((other) => other.startsWith(`${name}.`));
    return [...new Set(below.map((other) => other.slice(name.length + 1).split(".", 1)[0] as string))];
  }

  topModules(): string[] {
    const own = Object.keys(this.own).map((name) => name.split(".", 1)[0] as string);
    return [...new Set([...own, ...this.packages])].sort();
  }

  /** The object a dotted name means; null for modules and what is unknown. */
  find(path: string, depth = 0): Found | null {
    const parts = path.split(".");
    for (let cut = parts.length - 1; cut > 0 && depth < 8; cut--) {
      const module = this.module(parts.slice(0, cut).join("."));
      if (!module) continue;
      const rest = parts.slice(cut);
      let found = this.follow(
        module.m[rest[0] as string],
        `${parts.slice(0, cut).join(".")}.${rest[0] ?? ""}`,
        depth,
      );
      for (const name of rest.slice(1)) found = found && this.member(found.path, name, depth + 1);
      if (found) return found;
    }
    return null;
  }

  /** A class's member by name, inherited ones included. */
  member(classPath: string, name: string, depth = 0): Found | null {
    const cls = this.find(classPath, depth);
    if (!cls || depth > 8) return null;
    const own = cls.entry.m?.[name];
    if (own !== undefined) return this.follow(own, `${cls.path}.${name}`, depth);
    for (const base of cls.entry.b ?? []) {
      const found = this.member(base, name, depth + 1);
      if (found) return found;
    }
    return null;
  }

  /** Every member of a class by name, nearest first. */
  members(classPath: string, depth = 0): Map<string, Found> {
    const all = new Map<string, Found>();
    const cls = this.find(classPath, depth);
    if (!cls || depth > 8) return all;
    for (const [name, member] of Object.entries(cls.entry.m ?? {})) {
      const found = this.follow(member, `${cls.path}.${name}`, depth);
      if (found) all.set(name, found);
    }
    for (const base of cls.entry.b ?? []) {
      for (const [name, found] of this.members(base, depth + 1)) if (!all.has(name)) all.set(name, found);
    }
    return all;
  }

  isA(classPath: string, wanted: string, depth = 0): boolean {
    const cls = this.find(classPath, depth);
    if (!cls) return classPath === wanted;
    return (
      cls.path === wanted ||
      (depth < 8 && (cls.entry.b ?? []).some((base) => this.isA(base, wanted, depth + 1)))
    );
  }

  follow(member: Entry | string | undefined, path: string, depth = 0): Found | null {
    if (member === undefined) return null;
    return typeof member === "string" ? this.find(member.slice(1), depth + 1) : { path, entry: member };
  }
}
