import type { PackageSymbols } from "./symbols";

// Made from the sandbox image by scripts/python_symbols.sh; without them only the project's own names are known.
const URLS = import.meta.glob<string>("./symbols/*.json", { query: "?url", import: "default", eager: true });

const byPackage = new Map(
  Object.entries(URLS).map(([file, url]) => [file.slice("./symbols/".length, -".json".length), url]),
);

export const PACKAGES: readonly string[] = [...byPackage.keys()];

/** A package's symbols; none when they cannot be had now. */
export async function fetchSymbols(name: string): Promise<PackageSymbols | null> {
  const url = byPackage.get(name);
  const response = url ? await fetch(url).catch(() => null) : null;
  if (!response?.ok) return null;
  return ((await response.json()) as { modules: PackageSymbols }).modules;
}
