import { readStored, writeStored } from "../../lib/storage";

const TAB_KEY = "byteme.tab";
const LOCK = "byteme.tab.";
/** A reloaded page may be there before the browser has released what the former one held. */
const RELEASE_MS = 500;

let known: string | null = null;
let claim: Promise<void> | null = null;

/** Stays the same when the tab is reloaded. */
export function tabId(): string {
  return readStored(TAB_KEY, "sessionStorage") ?? keep(known ?? newId());
}

/** Makes the id this tab's alone: a duplicated tab begins with that of its original, and takes a new one. */
export function claimTab(): Promise<void> {
  claim ??= hold(tabId()).then((isOurs) => {
    if (!isOurs) void hold(keep(newId()));
  });
  return claim;
}

/** The ids of the other tabs that are open; none where the browser has no locks. */
export async function livingTabs(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await locks()?.query()) ?? {};
  const ids = held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : []));
  return new Set(ids.filter((id) => id !== tabId()));
}

/** Whether the id is this page's now, which it stays until the page is gone. */
function hold(id: string): Promise<boolean> {
  const manager = locks();
  if (!manager) return Promise.resolve(true);
  return new Promise((resolve) => {
    manager
      .request(LOCK + id, { signal: AbortSignal.timeout(RELEASE_MS) }, () => {
        resolve(true);
        return new Promise<never>(() => undefined);
      })
      .catch(() => resolve(false));
  });
}

function newId(): string {
  return Math.random().toString(36).slice(2);
}

function keep(id: string): string {
  known = id; // where the browser stores nothing
  writeStored(TAB_KEY, id, "sessionStorage");
  return id;
}

/** Web locks exist on HTTPS and loopback only. */
function locks(): LockManager | undefined {
  return (navigator as Partial<Navigator>).locks;
}
