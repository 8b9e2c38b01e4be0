type Subscribe = (listener: () => void) => () => void;

/** `subscribe`, but the listener is called at most once in `everyMs`: at once after a pause, else when the time is over. */
export function throttled(subscribe: Subscribe, everyMs: number): Subscribe {
  return (listener) => {
    let last = -Infinity;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const call = (): void => {
      timer = undefined;
      last = performance.now();
      listener();
    };
    const unsubscribe = subscribe(() => {
      if (timer !== undefined) return;
      const wait = last + everyMs - performance.now();
      if (wait <= 0) call();
      else timer = setTimeout(call, wait);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  };
}
