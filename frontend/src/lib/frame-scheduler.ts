const LATEST_MS = 250;

/**
 * Returns a function that asks for one call of `flush` in the next animation frame, however often it is called before.
 * A tab in the background gets no frames; there a timer takes their place, so that titles and states still change.
 */
export function oncePerFrame(flush: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    flush();
  };
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(run, LATEST_MS);
    requestAnimationFrame(run);
  };
}
