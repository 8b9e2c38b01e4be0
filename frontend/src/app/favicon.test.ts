import type { RunState } from "../api/types";
import { faviconOf, showFavicon } from "./favicon";

const STATES: RunState[] = [
  "queued",
  "starting",
  "running",
  "collecting",
  "succeeded",
  "failed",
  "cancelled",
];

test("the tab's icon tells a live run from one that succeeded or failed", () => {
  expect(STATES.map(faviconOf)).toEqual([
    ...Array<string>(4).fill("/favicon-live.svg"),
    "/favicon-succeeded.svg",
    "/favicon-failed.svg",
    "/favicon.svg",
  ]);
  expect(faviconOf(undefined)).toBe("/favicon.svg");
});

test("the page's own link is what changes", () => {
  document.head.innerHTML = '<link rel="icon" href="/favicon.svg">';
  showFavicon("/favicon-failed.svg");
  expect(document.querySelector("link")).toHaveAttribute("href", "/favicon-failed.svg");
  document.head.innerHTML = "";
});
