// Says how sure a difference is that was measured in pairs.

const resamples = 4000;
/** The same resamples each time, so that the same figures give the same interval. */
const seed = 0x5eed;

/** An estimate with the bounds of its 95 % interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/**
 * The median of `values` with a percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, chapter
 * 13): values are drawn with replacement, each drawing has its median, and the interval holds 95 % of these.
 */
export function medianInterval(values: readonly number[]): Interval {
  const random = xorshift(seed);
  const drawn = Array.from({ length: resamples }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] as number)),
  ).sort((a, b) => a - b);
  const at = (share: number): number =>
    drawn[Math.min(resamples - 1, Math.floor(share * resamples))] as number;
  return { value: median(values), low: at(0.025), high: at(0.975) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/** Marsaglia's xorshift32 (Journal of Statistical Software 8/14, 2003). */
function xorshift(start: number): () => number {
  let state = start;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
