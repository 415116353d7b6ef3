// Quantiles of the rollups' logarithmic histograms.

/**
 * Goes into the WITH clause of a query over rows with `h`, the `sumMap(hist)` of a group: its buckets in order and the
 * running total. Bucket k holds durations of [2^(k/8), 2^((k+1)/8)) ns.
 */
export const HISTOGRAM = `mapSort(h) AS buckets, mapKeys(buckets) AS bucket, mapValues(buckets) AS held,
  arrayCumSum(held) AS upto`;

/**
 * Milliseconds below which the part `q` of the durations lies: the bucket that the rank falls into, and the place in
 * it, taken as logarithmic like the bucket itself. No more than the longest duration, which the rollup keeps exactly
 * as `dur_max`; null where nothing was counted.
 */
export function quantileMs(q: number): string {
  const rank = `${q} * upto[-1]`;
  const at = `arrayFirstIndex(n -> n >= ${rank}, upto)`;
  const part = `(${rank} - upto[${at}] + held[${at}]) / held[${at}]`;
  return `if(empty(upto), NULL, least(exp2((bucket[${at}] + ${part}) / 8), toFloat64(longest)) / 1e6)`;
}
