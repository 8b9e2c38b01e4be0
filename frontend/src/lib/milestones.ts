/** What a newcomer does first; each is told once it has happened, by whatever made it happen. */
export type Milestone = "template" | "run" | "download";

type Listener = (milestone: Milestone) => void;
const listeners = new Set<Listener>();

export function reached(milestone: Milestone): void {
  for (const listener of [...listeners]) listener(milestone);
}

/** Calls `listener` at each; returns how to stop that. */
export function onReached(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
