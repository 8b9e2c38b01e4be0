import { useEffect, useRef } from "react";

/**
 * Keys like "ctrl+enter" or "ctrl+shift+p" (Control, or Command on a Mac), "f6" or "?", and what they do; not while a dialog is
 * open, and a plain letter not while something is being typed.
 */
export type Shortcuts = Record<string, () => void>;

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.altKey || event.defaultPrevented) return;
      const action = latest.current[nameOf(event)];
      if (!action || (event.key.length === 1 && !isCommand(event) && isTyping(event.target))) return;
      event.preventDefault();
      if (!document.querySelector('[role="dialog"], [role="menu"]')) action();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function isCommand(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey;
}

/** Shift is part of what "?" is, but not of what Control and P are. */
function nameOf(event: KeyboardEvent): string {
  const shift = event.shiftKey && (isCommand(event) || event.key.length > 1) ? "shift+" : "";
  return `${isCommand(event) ? "ctrl+" : ""}${shift}${event.key.toLowerCase()}`;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, [contenteditable], .monaco-editor") !== null
  );
}
