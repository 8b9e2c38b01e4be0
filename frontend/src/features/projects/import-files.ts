import type { Files } from "../../lib/file-tree";
import { allFolders, joinPath, pathProblem } from "../../lib/file-tree";
import { formatBytes, plural } from "../../lib/format";

const MOST_FILES = 2000;
export const MOST_FILE_BYTES = 1 << 20;
export const MOST_PROJECT_BYTES = 4 << 20;

export const LIMITS_TEXT = `Text up to ${formatBytes(MOST_FILE_BYTES)} a file, ${formatBytes(MOST_PROJECT_BYTES)} and ${plural(MOST_FILES, "file")} in all. Upload data as a dataset.`;

/** A file from the user's computer, and where in the project it is to be. */
export interface Incoming {
  path: string;
  /** Null when the browser could not read it. */
  file: Blob | null;
}

export interface Imported {
  files: Files;
  /** What was left out, each with its reason. */
  refused: string[];
}

/** What tools leave in a folder, and nobody means to bring along. */
const JUNK =
  /(^|\/)(\.git|\.hg|__pycache__|node_modules|\.ipynb_checkpoints|\.venv|\.idea|\.vscode|\.DS_Store|Thumbs\.db)(\/|$)/;

/** The text files among those that come; present ones count against the project's limits. */
export async function importFiles(incoming: readonly Incoming[], present: Files): Promise<Imported> {
  const files: Record<string, string> = {};
  const refused: string[] = [];
  const room = new Room(present);
  const paths = Object.keys(present);
  const folders = allFolders(paths, []);
  for (const { path, file } of incoming) {
    if (JUNK.test(path)) continue;
    const others = paths.filter((other) => other !== path);
    const size = file?.size ?? 0;
    const problem = pathProblem(path, others, folders) ?? room.problem(path, size);
    const bytes = problem === null ? await bytesOf(file) : null;
    const text = bytes && textOf(bytes);
    if (problem !== null) refused.push(`${path}: ${problem}`);
    else if (bytes === null) refused.push(`${path} could not be read`);
    else if (text === null) refused.push(`${path} is not text: upload it as a dataset`);
    else {
      files[path] = text;
      room.take(path, size);
    }
  }
  return { files, refused };
}

/** How much more fits into a project. */
class Room {
  private readonly sizes = new Map<string, number>();

  constructor(present: Files) {
    for (const [path, text] of Object.entries(present)) this.sizes.set(path, text.length);
  }

  problem(path: string, bytes: number): string | null {
    if (bytes > MOST_FILE_BYTES) {
      return `${formatBytes(bytes)} is more than ${formatBytes(MOST_FILE_BYTES)}: upload it as a dataset`;
    }
    const total = [...this.sizes].reduce((sum, [other, size]) => (other === path ? sum : sum + size), bytes);
    if (total > MOST_PROJECT_BYTES)
      return `the project would be larger than ${formatBytes(MOST_PROJECT_BYTES)}`;
    const count = this.sizes.size + (this.sizes.has(path) ? 0 : 1);
    return count > MOST_FILES ? `a project has at most ${plural(MOST_FILES, "file")}` : null;
  }

  take(path: string, bytes: number): void {
    this.sizes.set(path, bytes);
  }
}

/** Null for what cannot be read, as a file that was moved since. */
async function bytesOf(file: Blob | null): Promise<ArrayBuffer | null> {
  return (await file?.arrayBuffer().catch(() => null)) ?? null;
}

/** The text that the bytes are, or null when they are none. */
function textOf(bytes: ArrayBuffer): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

/** Files chosen by a button; those of a folder know where in it they lie. */
export function chosenFiles(list: Iterable<File>, folder: string): Incoming[] {
  return [...list].map((file) => ({ path: joinPath(folder, file.webkitRelativePath || file.name), file }));
}

/** Files and whole folders dropped from the desktop. To be called within the event: afterwards the browser forgets them. */
export function droppedFiles(transfer: DataTransfer, folder: string): Promise<Incoming[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return Promise.all(entries.map((entry) => readEntry(entry, folder))).then((lists) => lists.flat());
}

async function readEntry(entry: FileSystemEntry, folder: string): Promise<Incoming[]> {
  const path = joinPath(folder, entry.name);
  if (JUNK.test(path)) return [];
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(null)),
    );
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Incoming[] = [];
  // A reader gives at most a hundred at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[] | null>((resolve) =>
      reader.readEntries(resolve, () => resolve(null)),
    );
    if (some === null) return [...found, { path, file: null }];
    if (some.length === 0) return found;
    for (const child of some) found.push(...(await readEntry(child, path)));
  }
}
