import { Observable } from "../../lib/observable";
import { readStoredJson, writeStored } from "../../lib/storage";
import { parseDraft, type Draft } from "./draft-slice";

const SAVE_AFTER_MS = 500;

export type SaveState = "saved" | "saving" | "failed";

/** Keeps a user's draft in the browser's storage, shortly after the last change; each account has its own. */
export class DraftSaver {
  readonly state = new Observable<SaveState>("saved");
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pending: Draft | null = null;
  private readonly key: string;

  constructor(userId: string) {
    this.key = `byteme.draft.${userId}`;
  }

  load(): Draft | null {
    return parseDraft(readStoredJson(this.key));
  }

  save(draft: Draft): void {
    this.pending = draft;
    this.state.set("saving");
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, SAVE_AFTER_MS);
  }

  /** Writes what is pending now, for example because the page is about to go away. */
  readonly flush = (): void => {
    clearTimeout(this.timer);
    if (!this.pending) return;
    const stored = writeStored(this.key, JSON.stringify(this.pending));
    if (stored) this.pending = null;
    this.state.set(stored ? "saved" : "failed");
  };
}
