import { onReached, type Milestone } from "../../lib/milestones";
import { Observable } from "../../lib/observable";
import { readStoredJson, writeStored } from "../../lib/storage";

interface WelcomeState {
  shown: boolean;
  done: readonly Milestone[];
}

const NEW_FOR_MS = 7 * 24 * 3600 * 1000;

/** Whether an account is so young, and not an operator's, that its user is to be welcomed in whatever browser. */
export function isNewcomer(user: { created_at: string; role: string }, now: number): boolean {
  return user.role === "user" && now - Date.parse(user.created_at) < NEW_FOR_MS;
}

/** How far a user has come with the first steps, and whether they are to be seen; each account has its own. */
export class WelcomeProgress {
  readonly state: Observable<WelcomeState>;
  private readonly key: string;

  constructor(userId: string, isNew: boolean) {
    this.key = `byteme.welcome.${userId}`;
    this.state = new Observable<WelcomeState>(parse(readStoredJson(this.key)) ?? { shown: isNew, done: [] });
  }

  /** Ticks steps off as they are done, until the returned function is called. */
  readonly follow = (): (() => void) =>
    onReached((milestone) => {
      const { shown, done } = this.state.get();
      if (!done.includes(milestone)) this.set({ shown, done: [...done, milestone] });
    });

  readonly dismiss = (): void => this.set({ ...this.state.get(), shown: false });

  readonly showAgain = (): void => this.set({ shown: true, done: [] });

  private set(state: WelcomeState): void {
    this.state.set(state);
    writeStored(this.key, JSON.stringify(state));
  }
}

function parse(stored: unknown): WelcomeState | null {
  const { shown, done } = (stored ?? {}) as Partial<WelcomeState>;
  return typeof shown === "boolean" && Array.isArray(done) ? { shown, done } : null;
}
