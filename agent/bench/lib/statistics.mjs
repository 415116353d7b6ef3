// Medians, and intervals by a paired bootstrap over rounds.

const resamples = 4000;
/** The same resamples each time, so that a file of figures always gives the same intervals. */
const seed = 0x5eed;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The percentile bootstrap: rounds are drawn with replacement, as whole rounds, since what disturbs one variant of a
 * round disturbs its neighbours too.
 * @param rounds anything, one element a round
 * @param estimate of a list of rounds
 * @returns the estimate, and its 2.5th, 95th and 97.5th percentile
 */
export function bootstrap(rounds, estimate) {
  const random = xorshift(seed);
  const drawn = [];
  for (let i = 0; i < resamples; i++) {
    drawn.push(estimate(rounds.map(() => rounds[Math.floor(random() * rounds.length)])));
  }
  drawn.sort((a, b) => a - b);
  const at = (share) => drawn[Math.min(resamples - 1, Math.floor(share * resamples))];
  return { value: estimate(rounds), low: at(0.025), upper95: at(0.95), high: at(0.975) };
}

/** Least squares of `y` over `x`. @returns the slope and half of its 95 % interval */
export function slope(points) {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const sxx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const sxy = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const value = sxy / sxx;
  const residuals = points.reduce((sum, [x, y]) => sum + (y - meanY - value * (x - meanX)) ** 2, 0);
  return { value, half: 1.96 * Math.sqrt(residuals / (n - 2) / sxx) };
}

/** Marsaglia's xorshift32 (Journal of Statistical Software 8/14, 2003). */
function xorshift(start) {
  let state = start;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
