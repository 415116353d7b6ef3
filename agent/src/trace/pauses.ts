// The recent pauses of the event loop, pushed by the watchdog and the GC observer and read by spans when they end.

const STALLS_MAX = 256;
const COLLECTIONS_MAX = 1024;

/** A bounded ring of intervals on the monotonic clock; the oldest give way. Pushed in the order of their ends. */
export class PauseRing {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  #next = 0;
  #size = 0;

  constructor(capacity: number) {
    this.#starts = new Float64Array(capacity);
    this.#ends = new Float64Array(capacity);
  }

  push(startMs: number, endMs: number): void {
    this.#starts[this.#next] = startMs;
    this.#ends[this.#next] = endMs;
    this.#next = (this.#next + 1) % this.#starts.length;
    if (this.#size < this.#starts.length) this.#size++;
  }

  /** Milliseconds of the recorded intervals that fall between `startMs` and `endMs`. */
  overlapMs(startMs: number, endMs: number): number {
    const capacity = this.#starts.length;
    let sum = 0;
    for (let i = 1; i <= this.#size; i++) {
      const at = (this.#next - i + capacity) % capacity;
      const end = this.#ends[at] as number;
      if (end <= startMs) break;
      const from = Math.max(this.#starts[at] as number, startMs);
      const to = Math.min(end, endMs);
      if (to > from) sum += to - from;
    }
    return sum;
  }
}

/** Recorded stalls of the event loop. The watchdog pushes each when it has ended. */
export const stalls = new PauseRing(STALLS_MAX);

/** Recorded garbage collections that stopped the main thread. */
export const collections = new PauseRing(COLLECTIONS_MAX);

/**
 * The watchdog's heartbeat on the main thread. A request can end in the very tick that was blocked, before the timer
 * fires that would notice; so an overdue beat counts as a stall that is still going on.
 */
export const heartbeat = {
  /** When the loop last beat, on the monotonic clock. Everything up to here is in `stalls`, if it was one. */
  lastBeatMs: 0,
  /** Silence of this length is looked into; infinite while no watchdog runs. */
  overdueAfterMs: Number.POSITIVE_INFINITY,
  /** How long the loop has been blocked since the last beat, asked only when that is overdue. 0 where it was not. */
  blockedMs: (nowMs: number): number => nowMs - heartbeat.lastBeatMs,
  /** Set while the loop is so quiet that it beats slowly: to be called when a request comes. */
  wake: undefined as (() => void) | undefined,
};

/** Milliseconds between `startMs` and `endMs` in which the loop was stalled, a stall in progress included. */
export function overlapBlockedMs(startMs: number, endMs: number): number {
  const recorded = stalls.overlapMs(startMs, endMs);
  const { lastBeatMs } = heartbeat;
  if (endMs - lastBeatMs < heartbeat.overdueAfterMs) return recorded;
  const sinceMs = Math.max(0, endMs - Math.max(lastBeatMs, startMs));
  return recorded + Math.min(sinceMs, heartbeat.blockedMs(endMs));
}

/** A request that has ended and is accounted for when all that fell inside it is known. */
export interface Settling {
  settle(): void;
}

/**
 * Node delivers garbage collections some time after the tick in which they were, when a request that ended in it has
 * long been accounted for. The GC observer, where it runs, keeps such requests back until it knows.
 */
export const collectionNews = {
  /** Settles `waiting` once the collections up to now are in `collections`; undefined while nobody observes. */
  await: undefined as ((waiting: Settling) => void) | undefined,
  /** Settles all that wait, because what has ended is about to be sent. */
  settle: undefined as (() => void) | undefined,
};

/** Milliseconds between `startMs` and `endMs` in which the garbage collector had stopped the main thread. */
export function overlapGcMs(startMs: number, endMs: number): number {
  return collections.overlapMs(startMs, endMs);
}
