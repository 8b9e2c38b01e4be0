import { useLayoutEffect, useRef, useState } from "react";

const AT_END_PX = 32;

interface Follow {
  viewport: React.RefObject<HTMLDivElement | null>;
  isFollowing: boolean;
  /** Lines that came since the reader let go of the end. */
  missed: number;
  follow: () => void;
  pause: () => void;
  /** For the capturing phase: it has to decide before anything else renders for the same scroll. */
  onScrollCapture: () => void;
}

function toEnd(element: HTMLElement | null): void {
  if (element) element.scrollTop = element.scrollHeight;
}

/**
 * Keeps a scroll container at its end, whatever makes it or its content grow; scrolling up lets go, reaching the end takes
 * hold again. `total` is the number of lines so far.
 */
export function useFollow(total: number): Follow {
  const viewport = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  // The truth, since a scroll has to count before the state that it sets is rendered.
  const isHolding = useRef(true);
  const [pausedAt, setPausedAt] = useState<number | null>(null);

  useLayoutEffect(() => {
    if (isHolding.current) toEnd(viewport.current);
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
    if (isAtEnd) hold(true);
    else if (movedUp) hold(false);
  };

  return {
    viewport,
    isFollowing: pausedAt === null,
    missed: pausedAt === null ? 0 : Math.max(0, total - pausedAt),
    follow: () => hold(true),
    pause: () => hold(false),
    onScrollCapture,
  };
}
