export type Level = "normal" | "high" | "critical";

const HIGH = 0.8;
const CRITICAL = 0.95;

/** How near a use is to its limit; without a limit it is near to nothing. */
export function levelOf(used: number, limit: number): Level {
  const share = shareOf(used, limit);
  if (share >= CRITICAL) return "critical";
  return share >= HIGH ? "high" : "normal";
}

/** From 0 to 1. */
export function shareOf(used: number, limit: number): number {
  return limit > 0 ? Math.min(1, Math.max(0, used / limit)) : 0;
}

/** Points of a line through values, in a box of 100 by 100 whose top is the limit. */
export function sparkline(values: readonly number[], limit: number): string {
  const last = Math.max(1, values.length - 1);
  return values
    .map((value, at) => `${round((100 * at) / last)},${round(100 - 100 * shareOf(value, limit))}`)
    .join(" ");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
