const LIMIT_MS = 3000;
const works = new Set<() => Promise<void>>();

/** `work` is to be done before the session is ended; the returned function takes that back. */
export function onLeaving(work: () => Promise<void>): () => void {
  works.add(work);
  return () => works.delete(work);
}

/** Resolves when all of it is done, or has taken too long. */
export async function beforeLeaving(): Promise<void> {
  const done = Promise.allSettled([...works].map((work) => work()));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, LIMIT_MS)));
  await Promise.race([done, late]);
  clearTimeout(timer);
}
