// What sampling has decided about one request, and what becomes of that when the request has ended.

import { memberOf } from './threshold.js';

/** How a request ended. */
export interface Outcome {
  durationMs: number;
  hasFailed: boolean;
  /** Its own and those of its children. */
  spans: number;
}

/** Who decides. */
export interface Judge {
  /**
   * Takes note of how a request ended.
   * @returns the threshold that it is held to in the end
   */
  settle(sample: Sample, outcome: Outcome): number;
}

/** A request that may not be kept; requests that are kept for certain have none. */
export class Sample {
  readonly randomness: number;
  /** What the head of the request was held to: it is what other services are told. */
  readonly threshold: number;
  /** What requests are counted by: method and path without identifiers; '' where a caller has decided. */
  readonly key: string;
  /** In the tracestate of the request's children. */
  readonly member: string;
  readonly #judge: Judge;
  #isLeftOut = false;

  constructor(judge: Judge, drawn: { randomness: number; threshold: number; key: string }) {
    this.#judge = judge;
    this.randomness = drawn.randomness;
    this.threshold = drawn.threshold;
    this.key = drawn.key;
    this.member = memberOf(drawn.threshold);
  }

  /** Whether the head said yes. */
  get isSampled(): boolean {
    return this.randomness >= this.threshold;
  }

  /** Whether the request has ended and was not kept. */
  get isLeftOut(): boolean {
    return this.#isLeftOut;
  }

  /** The final threshold, or undefined where the request is not kept. */
  settle(outcome: Outcome): number | undefined {
    const threshold = this.#judge.settle(this, outcome);
    this.#isLeftOut = this.randomness < threshold;
    return this.#isLeftOut ? undefined : threshold;
  }
}
