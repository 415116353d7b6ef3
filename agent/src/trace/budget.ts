// Shares a budget of spans a second out to the routes of a process, such that rare ones are kept whole.

import { type Judge, type Outcome, Sample } from './sample.js';
import { THRESHOLD_NEVER, thresholdOf } from './threshold.js';

/** Of the budget, what requests that failed or were slow may always have; they have what the others leave as well. */
const EXCEPTIONS_SHARE = 0.2;
/** Routes that are counted apart; the others share one count, and so one threshold. */
const KEYS_MAX = 512;
const OTHERS = '<other>';
/** Weight of the latest second in a route's demand. */
const SMOOTHING = 0.5;
/** So many seconds below the budget end the sampling. */
const CALM_S = 5;
/** A request is slow beyond so many times its route's mean, once that is known of so many and it is worth a look. */
const SLOW_TIMES_MEAN = 5;
const MEAN_REQUESTS_MIN = 20;
const SLOW_MS_MIN = 50;

/** What is known of one route. */
interface Demand {
  /** In the present second. */
  spans: number;
  /** Spans a second that it would bring if nothing were left out, smoothed. */
  spansPerS: number;
  threshold: number;
  requests: number;
  totalMs: number;
  quietS: number;
}

/** What the budget is made from. */
export interface BudgetOptions {
  spansPerS: number;
  /** A request that takes longer is slow, whatever its route. */
  slowRequestMs: number;
}

/** Decides at the head of each request once the process makes more spans than it may, and looks again at its end. */
export class Budget implements Judge {
  /** May be changed at any time. */
  spansPerS: number;
  readonly #slowRequestMs: number;
  readonly #demands = new Map<string, Demand>();
  /** Failed and slow requests, in the present second and smoothed. */
  #exceptionSpans = 0;
  #exceptionsPerS = 0;
  #exceptionThreshold = 0;
  /** Of routes that have not been seen before. */
  #newThreshold = 0;
  #calmS = 0;
  #isActive = false;

  constructor({ spansPerS, slowRequestMs }: BudgetOptions) {
    this.spansPerS = spansPerS;
    this.#slowRequestMs = slowRequestMs;
  }

  /** Whether requests have to be asked about; while not, everything is kept. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** The decision for a request that starts here; undefined where it is kept for certain. */
  draw(key: string, randomness: number): Sample {
    const demand = this.#demandOf(key);
    return new Sample(this, { randomness, threshold: demand.threshold, key });
  }

  settle({ threshold, key }: Sample, outcome: Outcome): number {
    const demand = this.#demandOf(key);
    const isException = outcome.hasFailed || this.#isSlow(demand, outcome.durationMs);
    demand.requests++;
    demand.totalMs += outcome.durationMs;
    if (isException) this.#exceptionSpans += outcome.spans;
    else demand.spans += outcome.spans;
    if (!isException) return threshold;
    // What a caller keeps is kept; beyond that, failures are held to what all failures together may take.
    return key === '' ? Math.min(threshold, this.#exceptionThreshold) : this.#exceptionThreshold;
  }

  /**
   * Ends a second: works out thresholds anew.
   * @param madeSpans in this second, kept or not
   */
  tick(madeSpans: number): void {
    if (!this.#isActive) {
      if (madeSpans <= this.spansPerS) return;
      this.#isActive = true;
      this.#newThreshold = thresholdOf(this.spansPerS / madeSpans);
      return;
    }
    this.#calmS = madeSpans <= this.spansPerS ? this.#calmS + 1 : 0;
    if (this.#calmS >= CALM_S) this.#end();
    else this.#share();
  }

  #end(): void {
    this.#isActive = false;
    this.#calmS = 0;
    this.#demands.clear();
    this.#exceptionSpans = 0;
    this.#exceptionsPerS = 0;
    this.#exceptionThreshold = 0;
  }

  #share(): void {
    for (const [key, demand] of this.#demands) {
      demand.quietS = demand.spans === 0 ? demand.quietS + 1 : 0;
      if (demand.quietS > CALM_S) this.#demands.delete(key);
      demand.spansPerS = smooth(demand.spansPerS, demand.spans);
      demand.spans = 0;
    }
    this.#exceptionsPerS = smooth(this.#exceptionsPerS, this.#exceptionSpans);
    this.#exceptionSpans = 0;
    const { spansPerS } = this;
    const demands = [...this.#demands.values()];
    const others = demands.reduce((sum, demand) => sum + demand.spansPerS, 0);
    const room = Math.max(EXCEPTIONS_SHARE * spansPerS, spansPerS - others);
    const given = Math.min(this.#exceptionsPerS, room);
    this.#exceptionThreshold = thresholdFor(given, this.#exceptionsPerS);
    this.#newThreshold = 0;
    shareOut(spansPerS - given, demands);
  }

  #demandOf(key: string): Demand {
    let demand = this.#demands.get(key);
    if (demand === undefined && this.#demands.size >= KEYS_MAX) demand = this.#demands.get(OTHERS);
    if (demand !== undefined) return demand;
    const made: Demand = {
      spans: 0,
      spansPerS: 0,
      threshold: this.#newThreshold,
      requests: 0,
      totalMs: 0,
      quietS: 0,
    };
    this.#demands.set(this.#demands.size >= KEYS_MAX ? OTHERS : key, made);
    return made;
  }

  #isSlow(demand: Demand, durationMs: number): boolean {
    if (durationMs >= this.#slowRequestMs) return true;
    if (demand.requests < MEAN_REQUESTS_MIN || durationMs < SLOW_MS_MIN) return false;
    return durationMs > (SLOW_TIMES_MEAN * demand.totalMs) / demand.requests;
  }
}

/** Equal shares; what a route does not need goes to the others ("water-filling"). */
function shareOut(spansPerS: number, demands: Demand[]): void {
  demands.sort((a, b) => a.spansPerS - b.spansPerS);
  let left = spansPerS;
  for (const [i, demand] of demands.entries()) {
    const given = Math.min(demand.spansPerS, left / (demands.length - i));
    demand.threshold = thresholdFor(given, demand.spansPerS);
    left -= given;
  }
}

function thresholdFor(given: number, wanted: number): number {
  if (wanted <= given) return 0;
  return Math.min(THRESHOLD_NEVER - 1, thresholdOf(given / wanted));
}

function smooth(before: number, latest: number): number {
  return before === 0 ? latest : before * (1 - SMOOTHING) + latest * SMOOTHING;
}
