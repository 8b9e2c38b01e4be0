import { useEffect, useRef } from "react";

/** Keys like "ctrl+enter" (Control, or Command on a Mac) and what they do; not while a dialog is open. */
export type Shortcuts = Record<string, () => void>;

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.defaultPrevented)
        return;
      const action = latest.current[`ctrl+${event.key.toLowerCase()}`];
      if (!action) return;
      event.preventDefault();
      if (!document.querySelector('[role="dialog"]')) action();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
