import type { MountedDataset } from "../../api/datasets-api";

/** A dataset's name as that of a file below /workspace/data, which may hold few characters. */
export function mountName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, "_").slice(0, 128);
  return plain === "" || plain === "." || plain === ".." ? "data" : plain;
}

/** Why the chosen names can't be used; null when they can. */
export function nameProblem(chosen: readonly MountedDataset[]): string | null {
  const names = chosen.map(({ name }) => name);
  const odd = names.find((name) => !/^[A-Za-z0-9._-]{1,128}$/.test(name) || name === "." || name === "..");
  if (odd !== undefined) return `“${odd}”: letters, digits, dots, dashes and underscores make a name.`;
  if (new Set(names).size < names.length) return "Two have the same name in the run.";
  return null;
}
