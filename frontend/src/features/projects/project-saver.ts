import type { Project } from "../../api/projects-api";
import { mergeFiles } from "../../lib/file-merge";
import { Observable } from "../../lib/observable";
import type { LocalCopies } from "./local-copies";
import { isDirty, type OpenProject, type Program } from "./project-slice";

const KEEP_AFTER_MS = 250;
const SAVE_AFTER_MS = 1000;
const RETRY_AFTER_MS = 5000;

export type SaveState =
  /** At what time, if anything was saved since the project was opened. */
  | { status: "saved"; at: Date | null }
  | { status: "unsaved" | "saving" | "offline" }
  /** The server is away and the browser keeps nothing: closing the page would lose edits. */
  | { status: "lost" }
  | { status: "refused"; message: string }
  /** Deleted, from elsewhere. */
  | { status: "gone" }
  | { status: "conflict"; theirs: Project; paths: string[] };

/** What a request to the server came to. */
export type Outcome =
  | { kind: "done"; project: Project }
  | { kind: "outdated" | "gone" | "away" }
  | { kind: "refused"; message: string };

/** Where the project is edited, and where it is saved. */
interface SaverPorts {
  project: () => OpenProject | null;
  /** Saves if the server still has `version`. Never rejects. */
  send: (id: string, version: number, program: Program) => Promise<Outcome>;
  read: (id: string) => Promise<Outcome>;
  saved: (project: Project) => void;
  rebased: (onto: Project, program: Program) => void;
  copies: Pick<LocalCopies, "keep" | "replace">;
}

/**
 * Brings what is typed to the server, a moment after the last key, and keeps it in this browser until it is there. What
 * somebody else saved in between is merged file by file; where both changed the same file, the user is asked.
 */
export class ProjectSaver {
  readonly state = new Observable<SaveState>({ status: "saved", at: null });
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> | null = null;
  /** The project as it was left, until the save that was under way has come to an end. */
  private left: OpenProject | null = null;

  constructor(private readonly ports: SaverPorts) {}

  /** To be called after each edit. */
  changed(): void {
    if (this.isStuck()) {
      this.keepSoon();
      return;
    }
    if (!this.isDirty()) return;
    this.keepSoon();
    if (this.state.get().status !== "offline" && !this.saving) this.state.set({ status: "unsaved" });
    this.saveIn(SAVE_AFTER_MS);
  }

  /** Writes the local copy now, for example because the page is about to go away. */
  readonly keep = (): boolean => {
    clearTimeout(this.keepTimer);
    const project = this.ports.project();
    return !project || this.ports.copies.keep(project);
  };

  /** Saves now; resolves when what there was to save is saved, or cannot be. */
  readonly save = async (): Promise<void> => {
    clearTimeout(this.saveTimer);
    if (this.isStuck()) return;
    this.saving ??= this.saveAll().finally(() => {
      this.saving = null;
    });
    await this.saving;
  };

  /** Ends a conflict: mine over theirs, or theirs as it is. Returns what was on the screen before. */
  resolve(choice: "mine" | "theirs"): Program | null {
    const state = this.state.get();
    const project = this.ports.project();
    if (state.status !== "conflict" || !project) return null;
    const { theirs } = state;
    const before = { files: project.files, entrypoint: project.entrypoint };
    const mine = { ...before, files: mergeFiles(project.base.files, project.files, theirs.files).files };
    this.state.set({ status: "unsaved" });
    this.ports.rebased(theirs, choice === "mine" ? mine : theirs);
    void this.save();
    return before;
  }

  /** Follows what was saved elsewhere, unless there are edits of this tab: those are brought together by their save. */
  async refresh(): Promise<void> {
    const project = this.ports.project();
    if (!project || this.isDirty() || this.saving || this.isStuck()) return;
    const outcome = await this.ports.read(project.id);
    const present = this.ports.project();
    if (outcome.kind !== "done" || !present || present.id !== project.id || this.isDirty()) return;
    if (outcome.project.version > present.version) this.ports.rebased(outcome.project, outcome.project);
  }

  dispose(): void {
    this.keep();
    clearTimeout(this.saveTimer);
    this.left = this.saving && this.ports.project();
  }

  private isDirty(): boolean {
    const project = this.ports.project();
    return project !== null && isDirty(project);
  }

  /** Whether only the user can get it going again. */
  private isStuck(): boolean {
    const { status } = this.state.get();
    return status === "conflict" || status === "gone";
  }

  private keepSoon(): void {
    clearTimeout(this.keepTimer);
    this.keepTimer = setTimeout(this.keep, KEEP_AFTER_MS);
  }

  private saveIn(ms: number): void {
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => void this.save(), ms);
  }

  private async saveAll(): Promise<void> {
    for (let project = this.ports.project(); project && isDirty(project); project = this.ports.project()) {
      if (this.state.get().status !== "offline") this.state.set({ status: "saving" });
      if (!(await this.saveOnce(project))) return;
    }
    this.keep();
    const before = this.state.get();
    if (before.status !== "saved") this.state.set({ status: "saved", at: new Date() });
  }

  /** Whether it may go on: the version sent was saved, or merged with another one. */
  private async saveOnce(project: OpenProject): Promise<boolean> {
    const { id, version, files, entrypoint } = project;
    const outcome = await this.ports.send(id, version, { files, entrypoint });
    const saved = outcome.kind === "done" ? { ...outcome.project, files: { ...files } } : null;
    if (this.ports.project()?.id !== id) {
      if (saved) this.savedAfterLeaving(saved);
      return false;
    }
    switch (outcome.kind) {
      case "done":
        this.ports.saved({ ...outcome.project, files: { ...files } });
        return true;
      case "outdated":
        return this.merge(id);
      default:
        this.failed(outcome);
        return false;
    }
  }

  /** The copy in this browser is of what was typed since, or of nothing. */
  private savedAfterLeaving(saved: Project): void {
    this.ports.saved(saved);
    if (!this.left) return;
    const { version, files, entrypoint } = saved;
    this.ports.copies.replace(this.left, { ...this.left, version, base: { files, entrypoint } });
    this.left = null;
  }

  private async merge(id: string): Promise<boolean> {
    const outcome = await this.ports.read(id);
    const project = this.ports.project();
    if (project?.id !== id) return false;
    if (outcome.kind !== "done") {
      this.failed(outcome);
      return false;
    }
    const theirs = outcome.project;
    // Refused as outdated, though nothing is newer: asking again at once would go round for ever.
    if (theirs.version === project.version) {
      this.failed({ kind: "away" });
      return false;
    }
    const { files, conflicts } = mergeFiles(project.base.files, project.files, theirs.files);
    if (conflicts.length > 0) {
      this.keep();
      this.state.set({ status: "conflict", theirs, paths: conflicts });
      return false;
    }
    const isMine = project.entrypoint !== project.base.entrypoint && project.entrypoint in files;
    this.ports.rebased(theirs, { files, entrypoint: isMine ? project.entrypoint : theirs.entrypoint });
    return true;
  }

  private failed(outcome: Outcome): void {
    const isKept = this.keep();
    if (outcome.kind === "gone") this.state.set({ status: "gone" });
    else if (outcome.kind === "refused") this.state.set({ status: "refused", message: outcome.message });
    else {
      this.state.set({ status: isKept ? "offline" : "lost" });
      this.saveIn(RETRY_AFTER_MS);
    }
  }
}
