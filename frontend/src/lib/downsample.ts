/** A curve as two columns; null is a gap. */
export interface Curve {
  x: number[];
  y: (number | null)[];
}

/**
 * The curve with at most about `most` points that looks the same: of each stretch the lowest and the highest point, in
 * their order, and a gap where there was one.
 */
export function downsample({ x, y }: Curve, most: number): Curve {
  if (x.length <= most) return { x, y };
  const kept: Curve = { x: [], y: [] };
  const keep = (at: number): void => {
    kept.x.push(x[at] as number);
    kept.y.push(y[at] ?? null);
  };
  const size = Math.ceil(x.length / (most / 2));
  for (let from = 0; from < x.length; from += size) {
    for (const at of extremes(y, from, Math.min(from + size, y.length))) keep(at);
  }
  return kept;
}

function extremes(y: Curve["y"], from: number, to: number): number[] {
  let low = -1;
  let high = -1;
  let gap = -1;
  for (let at = from; at < to; at++) {
    const value = y[at] ?? null;
    if (value === null) gap = at;
    else {
      if (low < 0 || value < (y[low] as number)) low = at;
      if (high < 0 || value > (y[high] as number)) high = at;
    }
  }
  return [...new Set([low, high, gap])].filter((at) => at >= 0).sort((a, b) => a - b);
}

/** The exponential moving average, without the pull of its first value; `weight` from 0 (as it is) to below 1. */
export function smooth(y: Curve["y"], weight: number): Curve["y"] {
  if (weight <= 0) return y;
  let mean = 0;
  let count = 0;
  return y.map((value) => {
    if (value === null) return null;
    mean = mean * weight + value * (1 - weight);
    return mean / (1 - weight ** ++count);
  });
}
