// How sure a share is that was counted on a few dozen runs.

export interface Share {
  hits: number;
  trials: number;
  /** 0 to 1; 1 where nothing was tried. */
  value: number;
  /** Wilson's 95 % interval, which stays within 0 and 1 and is sound for small numbers. */
  low: number;
  high: number;
}

const Z = 1.959964;

/** The share of hits with its Wilson score interval. */
export function shareOf(hits: number, trials: number): Share {
  if (trials === 0) return { hits, trials, value: 1, low: 0, high: 1 };
  const value = hits / trials;
  const denominator = 1 + Z ** 2 / trials;
  const centre = (value + Z ** 2 / (2 * trials)) / denominator;
  const spread = Z * Math.sqrt((value * (1 - value)) / trials + Z ** 2 / (4 * trials ** 2));
  return {
    hits,
    trials,
    value,
    low: Math.max(0, centre - spread / denominator),
    high: Math.min(1, centre + spread / denominator),
  };
}
