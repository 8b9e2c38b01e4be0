import type { ScannedFile } from "./scan";
import { SymbolTable, type PackageSymbols } from "./symbols";

const MOST_ROUNDS = 6;

/** The sandbox's packages, fetched when something first asks for them. */
export class Library {
  private readonly loaded = new Map<string, PackageSymbols>();

  constructor(
    private readonly packages: readonly string[],
    private readonly fetchSymbols: (name: string) => Promise<PackageSymbols | null>,
  ) {}

  /** The answer once everything it needed is there: a package may lead to another one. */
  async ask<T>(project: ReadonlyMap<string, ScannedFile>, question: (table: SymbolTable) => T): Promise<T> {
    const own = Object.fromEntries([...project].map(([name, { symbols }]) => [name, symbols]));
    for (let round = 0; ; round++) {
      const table = new SymbolTable(this.loaded, own, this.packages);
      const answer = question(table);
      if (table.missing.size === 0 || round === MOST_ROUNDS) return answer;
      const isMore = await Promise.all([...table.missing].map((name) => this.load(name)));
      if (!isMore.includes(true)) return answer;
    }
  }

  private async load(name: string): Promise<boolean> {
    const symbols = await this.fetchSymbols(name);
    if (symbols) this.loaded.set(name, symbols);
    return symbols !== null;
  }
}
