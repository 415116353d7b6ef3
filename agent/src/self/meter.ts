// Measures what the agent's own functions cost, by timing about one call in a hundred.

/** Calls from one that is timed to the next, on average. */
const CALLS_PER_SAMPLE = 101;
/** Samples of one module that are kept between two readings. */
const SAMPLES_MAX = 256;
/**
 * A collection of garbage or another process may fall into any call; a sample counts for no more than so many times
 * the median of its module, since one such sample stands for a hundred calls.
 */
const TIMES_MEDIAN_MAX = 20;

const clock: () => number = performance.now.bind(performance);

/** Every module that has been metered, in the order of its loading. */
export const meters: Meter[] = [];

let callsLeft = 1;
let state = 1;

/**
 * Call where the host's code enters a function of ours, and `Meter.ends` where it leaves it.
 * @returns when it started, in milliseconds; 0 where this call is not timed, and `ends` need not be called
 */
export function starts(): number {
  return --callsLeft > 0 ? 0 : startSample();
}

function startSample(): number {
  callsLeft = nextInterval();
  return clock();
}

/** From 51 to 151: applications call in patterns, and a fixed step would always meet the same call of one. */
function nextInterval(): number {
  // Marsaglia, "Xorshift RNGs" (2003), triple 13, 17, 5.
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return Math.ceil(CALLS_PER_SAMPLE / 2) + ((state >>> 0) % CALLS_PER_SAMPLE);
}

/** What one module of the agent takes. */
export class Meter {
  readonly module: string;
  #samples: Float64Array | undefined;
  #count = 0;
  #exactMs = 0;

  constructor(module: string) {
    this.module = module;
    meters.push(this);
  }

  /** The call that `starts` has timed ends. */
  ends(sinceMs: number): void {
    this.#samples ??= new Float64Array(SAMPLES_MAX);
    this.#samples[this.#count++ % SAMPLES_MAX] = clock() - sinceMs;
  }

  /** Adds what is timed each time, because it is rare. */
  add(ms: number): void {
    this.#exactMs += ms;
  }

  /** Runs what is rare, timed each time. */
  run<Result>(work: () => Result): Result {
    const sinceMs = clock();
    try {
      return work();
    } finally {
      this.#exactMs += clock() - sinceMs;
    }
  }

  /** Calls that were timed since the last `take`. */
  get samples(): number {
    return this.#count;
  }

  /** Milliseconds that it has taken since the last call of this, as estimated. */
  take(): number {
    const ms = this.#exactMs + this.#sampledMs();
    this.#exactMs = 0;
    this.#count = 0;
    return ms;
  }

  #sampledMs(): number {
    const kept = Math.min(this.#count, SAMPLES_MAX);
    if (this.#samples === undefined || kept === 0) return 0;
    const sorted = this.#samples.subarray(0, kept).sort();
    const limitMs = TIMES_MEDIAN_MAX * (sorted[kept >> 1] as number);
    const sumMs = sorted.reduce((sum, ms) => sum + Math.min(ms, limitMs), 0);
    return (sumMs / kept) * this.#count * CALLS_PER_SAMPLE;
  }
}
