import { useLayoutEffect, useState } from "react";

/** What part of the width is not the line's text: its number, its mark, and the scroll bar. */
const MARGIN_CHARS = 13;
/** Before anything is measured. */
const UNKNOWN = { height: 600, columns: 120 };

interface ViewportSize {
  /** In pixels. */
  height: number;
  /** How many characters of text fit into a line. */
  columns: number;
}

/** The size of a viewport of fixed-width text, followed as it changes; a hidden one keeps the size it had. */
export function useViewportSize(viewport: React.RefObject<HTMLElement | null>): ViewportSize {
  const [size, setSize] = useState(UNKNOWN);
  useLayoutEffect(() => {
    const element = viewport.current;
    if (!element) return;
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      const columns = Math.max(10, Math.floor(width / charWidth(element)) - MARGIN_CHARS);
      setSize((before) =>
        before.height === height && before.columns === columns ? before : { height, columns },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [viewport]);
  return size;
}

function charWidth(element: HTMLElement): number {
  const probe = document.createElement("span");
  probe.textContent = "0".repeat(100);
  probe.style.cssText = "position:absolute;visibility:hidden";
  element.append(probe);
  const width = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return width || 8;
}
