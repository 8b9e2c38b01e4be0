/** "best, lr 0.1" -> ["best", "lr 0.1"]; each once, whatever its case. */
export function tagsIn(text: string): string[] {
  const seen = new Map<string, string>();
  for (const tag of text.split(",").map((part) => part.trim()))
    if (tag && !seen.has(tag.toLowerCase())) seen.set(tag.toLowerCase(), tag);
  return [...seen.values()];
}
