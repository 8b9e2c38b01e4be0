import type { RunState } from "../api/types";

/** The icon that says how the run on the screen is, to whoever looks at another tab; each differs by shape as well. */
export function faviconOf(state: RunState | undefined): string {
  if (state === undefined || state === "cancelled") return "/favicon.svg";
  return state === "succeeded" || state === "failed" ? `/favicon-${state}.svg` : "/favicon-live.svg";
}

export function showFavicon(path: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link && link.getAttribute("href") !== path) link.setAttribute("href", path);
}
