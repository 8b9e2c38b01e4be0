/** How well `text` matches what was typed; null when not all its letters are there in order. Higher is better. */
export function fuzzyScore(typed: string, text: string): number | null {
  const wanted = typed.toLowerCase().replaceAll(" ", "");
  const lower = text.toLowerCase();
  let score = 0;
  let at = -1;
  for (const letter of wanted) {
    const next = lower.indexOf(letter, at + 1);
    if (next < 0) return null;
    const beginsWord = next === 0 || /[/\s_.-]/.test(text[next - 1] as string);
    score += next === at + 1 ? 3 : beginsWord ? 2 : 0;
    at = next;
  }
  // What is found whole goes before what is found in pieces, short before long.
  const whole = lower.indexOf(typed.toLowerCase().trim());
  return score + (whole >= 0 ? 20 : 0) - text.length / 100;
}

/** The items that match, best first; all of them, in their order, when nothing was typed. */
export function fuzzyFilter<T>(items: readonly T[], typed: string, textOf: (item: T) => string): T[] {
  if (!typed.trim()) return [...items];
  return items
    .flatMap((item) => {
      const score = fuzzyScore(typed, textOf(item));
      return score === null ? [] : [{ item, score }];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}
