import { useEffect, useEffectEvent } from "react";

/** A line, from 1, of a file. */
export interface Place {
  path: string;
  line: number;
}

interface Reveal {
  /** Where to go; null for nowhere. */
  reveal: Place | null;
  /** The place was gone to: its owner forgets it, or every change of files would lead there again. */
  onRevealed: () => void;
}

/** Goes to the place as soon as its file, `path`, is the one on the screen. To be called after the effect that shows the file. */
export function useReveal({ reveal, onRevealed }: Reveal, path: string, goTo: (line: number) => void): void {
  const show = useEffectEvent((line: number) => {
    goTo(line);
    onRevealed();
  });
  useEffect(() => {
    if (reveal?.path === path) show(reveal.line);
  }, [reveal, path]);
}
