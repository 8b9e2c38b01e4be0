/** What a browser's tabs share: the names of the locks that are held. */
class Locks {
  readonly held = new Set<string>();

  request(name: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>): Promise<void> {
    if (!this.held.has(name)) {
      this.held.add(name);
      return work();
    }
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("late", "TimeoutError")));
    });
  }

  query(): Promise<{ held: { name: string }[] }> {
    return Promise.resolve({ held: [...this.held].map((name) => ({ name })) });
  }
}

/** The module as another page would load it. */
async function newPage(): Promise<typeof import("./tabs")> {
  jest.resetModules();
  return await import("./tabs");
}

const locks = new Locks();
beforeAll(() => Object.defineProperty(navigator, "locks", { value: locks, configurable: true }));
afterAll(() => Object.defineProperty(navigator, "locks", { value: undefined, configurable: true }));
beforeEach(() => locks.held.clear());

test("a duplicated tab takes an id of its own, and knows its original lives", async () => {
  const original = await newPage();
  await original.claimTab();
  const id = original.tabId();
  // The copy begins with what the original has stored.
  const copy = await newPage();
  await copy.claimTab();
  expect(copy.tabId()).not.toBe(id);
  expect(await copy.livingTabs()).toEqual(new Set([id]));
});

test("a reloaded tab goes on with its id", async () => {
  const before = await newPage();
  await before.claimTab();
  locks.held.clear();
  const after = await newPage();
  await after.claimTab();
  expect(after.tabId()).toBe(before.tabId());
});
