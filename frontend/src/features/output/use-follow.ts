import { useLayoutEffect, useRef, useState } from "react";

const AT_END_PX = 32;

interface Follow {
  /** How far the reader has scrolled, in pixels; of no meaning while following. */
  top: number;
  isFollowing: boolean;
  /** Lines that came since the reader let go of the end. */
  missed: number;
  follow: () => void;
  /** Lets go and goes to a place, in pixels from the top. */
  goTo: (top: number) => void;
  /** For the capturing phase: it has to decide before anything else renders for the same scroll. */
  onScrollCapture: () => void;
}

/** Scrolls; returns where it came to. */
function scroll(element: HTMLElement, top: number): number {
  element.scrollTop = top;
  return element.scrollTop;
}

/**
 * Keeps a scroll container at its end, whatever makes it or its content grow; scrolling up lets go, reaching the end takes
 * hold again. `total` is the number of lines so far, `removed` how many pixels have gone from the top of the content:
 * what the reader sees stays in its place then.
 */
export function useFollow(
  viewport: React.RefObject<HTMLElement | null>,
  total: number,
  removed: number,
): Follow {
  const lastTop = useRef(0);
  const lastRemoved = useRef(removed);
  // The truth, since a scroll has to count before the state that it sets is rendered.
  const isHolding = useRef(true);
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const [top, setTop] = useState(0);

  useLayoutEffect(() => {
    const element = viewport.current;
    const gone = removed - lastRemoved.current;
    lastRemoved.current = removed;
    if (!element) return;
    if (isHolding.current) scroll(element, element.scrollHeight);
    else if (gone > 0) lastTop.current = scroll(element, Math.max(0, element.scrollTop - gone));
  });

  const hold = (isHeld: boolean): void => {
    isHolding.current = isHeld;
    setPausedAt((before) => (isHeld ? null : (before ?? total)));
  };

  const onScrollCapture = (): void => {
    const element = viewport.current;
    if (!element) return;
    const movedUp = element.scrollTop < lastTop.current;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX;
    lastTop.current = element.scrollTop;
    setTop(element.scrollTop);
    if (isAtEnd) hold(true);
    else if (movedUp) hold(false);
  };

  const goTo = (wanted: number): void => {
    const element = viewport.current;
    if (!element) return;
    hold(false);
    lastTop.current = scroll(element, wanted);
    setTop(lastTop.current);
  };

  return {
    top,
    isFollowing: pausedAt === null,
    missed: pausedAt === null ? 0 : Math.max(0, total - pausedAt),
    follow: () => hold(true),
    goTo,
    onScrollCapture,
  };
}
