// Calls of a request that waited for one another although, as far as can be seen, neither needed the other's result.

import { RecentNumbers } from './recent-numbers.js';

/**
 * An await goes on within microseconds of the answer; what comes later has waited for something else, or was computed
 * from the answer at length.
 */
const GAP_MS_MAX = 0.5;
const INPUTS_MAX = 16;
/**
 * What cannot be seen is whether the second call was made only because of what the first one found. So neither is ever
 * certain. Values that were used before the first had answered do not come from its answer, unless by accident; a
 * statement without any value takes nothing from it, but is more often the next step of a procedure.
 */
const CONFIDENCE = { sameInputs: 0.7, noInputs: 0.5 } as const;

/** A call, as far as it matters here. */
export interface SeriesCall {
  startMs: number;
  isRead: boolean;
  /** Of the values that it takes; 0 where they are not known. */
  inputs: number;
  takesNothing: boolean;
  /** On which no two calls can run at a time, such as a connection that was checked out; undefined where there is none. */
  lane: object | undefined;
}

/** Follows the calls of one request. */
export class Series {
  declare count: number;
  declare ms: number;
  declare private confidenceMs: number;
  declare private inFlight: number;
  /** Of the latest calls; undefined before the first. */
  declare private inputs: RecentNumbers | undefined;
  /** The one that ended last, where it ran alone. */
  declare private former: SeriesCall | undefined;
  declare private formerEndMs: number;
  declare private formerMs: number;
  declare private isAlone: boolean;
  /** Of the call in flight; 0 where it needed to wait, for all that is known. */
  declare private sureness: number;

  constructor() {
    this.count = 0;
    this.ms = 0;
    this.confidenceMs = 0;
    this.inFlight = 0;
    this.inputs = undefined;
    this.former = undefined;
    this.formerEndMs = 0;
    this.formerMs = 0;
    this.isAlone = false;
    this.sureness = 0;
  }

  /** A call starts. */
  begin(call: SeriesCall): void {
    this.isAlone = this.inFlight++ === 0;
    this.sureness = this.isAlone ? this.surenessOf(call) : 0;
    const { inputs } = call;
    if (inputs === 0) return;
    this.inputs ??= new RecentNumbers(INPUTS_MAX);
    this.inputs.add(inputs);
  }

  /** It has ended. */
  end(call: SeriesCall, endMs: number): void {
    this.inFlight--;
    const ms = endMs - call.startMs;
    if (this.isAlone && this.sureness > 0) {
      // Side by side the shorter one would have been free.
      const savedMs = Math.min(ms, this.formerMs);
      this.count++;
      this.ms += savedMs;
      this.confidenceMs += savedMs * this.sureness;
    }
    this.former = this.isAlone ? call : undefined;
    this.formerEndMs = endMs;
    this.formerMs = ms;
  }

  /** How sure it is that the calls did not need each other's results, from 0 to 1; weighted by their time. */
  get confidence(): number {
    return this.ms > 0 ? this.confidenceMs / this.ms : 0;
  }

  private surenessOf(call: SeriesCall): number {
    const former = this.former;
    if (former === undefined || !former.isRead || !call.isRead) return 0;
    if (call.startMs - this.formerEndMs > GAP_MS_MAX) return 0;
    if (call.lane !== undefined && call.lane === former.lane) return 0;
    if (call.takesNothing) return CONFIDENCE.noInputs;
    return call.inputs !== 0 && this.inputs?.has(call.inputs) ? CONFIDENCE.sameInputs : 0;
  }
}
