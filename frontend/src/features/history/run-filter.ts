import type { RunFilter } from "../../api/results-api";
import type { RunState } from "../../api/types";

export const STATES: RunState[] = [
  "queued",
  "starting",
  "running",
  "collecting",
  "succeeded",
  "failed",
  "cancelled",
];

/** The filter that a page's address holds; what makes no sense there is left out. */
export function filterFrom(search: URLSearchParams): RunFilter {
  const state = STATES.find((known) => known === search.get("state"));
  const text = search.get("text")?.trim();
  const tag = search.get("tag")?.trim();
  return {
    ...(state && { state }),
    ...(text && { text }),
    ...(tag && { tag }),
    ...(search.get("starred") === "true" && { starred: true }),
  };
}

/** The address's part for a filter. */
export function searchOf(filter: RunFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)]));
}

/** `filter` with one thing changed; an empty value takes it out. */
export function changed(filter: RunFilter, name: keyof RunFilter, value: string | boolean): RunFilter {
  return filterFrom(new URLSearchParams(searchOf({ ...filter, [name]: value })));
}
