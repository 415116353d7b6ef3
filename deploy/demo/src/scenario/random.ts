// A small seeded generator: the same seed gives the same shop, plants and load on every machine.

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [min, max]. */
  between(min: number, max: number): number;
  /** A whole number like `between`, but as likely between 10 and 20 as between 100 and 200. */
  logBetween(min: number, max: number): number;
  /** One of the items, each as likely as the others. */
  pick<T>(items: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** Waiting time to the next arrival of a Poisson process, in the unit of 1 / rate. */
  exponential(rate: number): number;
}

/** Creates a generator (mulberry32) whose whole future follows from `seed`. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    logBetween: (min, max) => Math.min(max, Math.round(min * (max / min) ** next())),
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('Cannot pick from an empty list.');
      return item;
    },
    chance: (probability) => next() < probability,
    exponential: (rate) => -Math.log(1 - next()) / rate,
  };
}
