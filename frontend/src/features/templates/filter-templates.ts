import type { Template } from "../../api/types";

/** Every tag there is, the most frequent first, then by name. */
export function tagsOf(templates: readonly Template[]): string[] {
  const counts = new Map<string, number>();
  for (const tag of templates.flatMap(({ tags }) => tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([tag]) => tag);
}

const FIRST = "start here";

/** Those that have the tag, if there is one, and every word of the text somewhere on their card; where to start first. */
export function filterTemplates(
  templates: readonly Template[],
  text: string,
  tag: string | null,
): Template[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = templates.filter(({ title, summary, tags, data, yields }) => {
    const card = [title, summary, data, ...tags, ...yields].join(" ").toLowerCase();
    return (tag === null || tags.includes(tag)) && words.every((word) => card.includes(word));
  });
  return found.sort((a, b) => Number(b.tags.includes(FIRST)) - Number(a.tags.includes(FIRST)));
}
