import { useEffect, useRef } from "react";

/**
 * Keys like "ctrl+enter" or "ctrl+shift+p" (Control, or Command on a Mac) or "f6", and what they do; not while a dialog is open.
 * None is a plain character: whoever speaks to the computer, or brushes a key, would press it by mistake.
 */
type Shortcuts = Record<string, () => void>;

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.altKey || event.defaultPrevented) return;
      const action = latest.current[nameOf(event)];
      if (!action) return;
      event.preventDefault();
      if (!document.querySelector('[role="dialog"], [role="menu"]')) action();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function nameOf({ ctrlKey, metaKey, shiftKey, key }: KeyboardEvent): string {
  return `${ctrlKey || metaKey ? "ctrl+" : ""}${shiftKey ? "shift+" : ""}${key.toLowerCase()}`;
}
