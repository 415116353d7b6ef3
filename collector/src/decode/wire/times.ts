// Times on the wire are nanoseconds in two words; ClickHouse wants them so, or in milliseconds.
import type { Clock } from '../../self/clock.js';

/** Rows older than this are moved to the edge: their partition is about to be dropped. */
const pastMaxMs = 13 * 86_400_000;
/** Rows further ahead than this are moved to the edge: no clock is that wrong. */
const futureMaxMs = 15 * 60_000;

/**
 * Whole milliseconds of `hi * 2^32 + lo` nanoseconds, exactly: 2^32 ns = 4294 ms + 967,296 ns, and the
 * products stay below 2^53.
 */
export function nanosToMs(lo: number, hi: number): number {
  return hi * 4294 + Math.floor((hi * 967_296 + lo) / 1_000_000);
}

/** The window of times that are stored, taken anew for each request. */
export class TimeWindow {
  minMs = 0;
  maxMs = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  refresh(): void {
    const now = this.#clock.now();
    this.minMs = now - pastMaxMs;
    this.maxMs = now + futureMaxMs;
  }

  /** The nearest time within the window, in milliseconds. */
  clamp(ms: number): number {
    return Math.min(Math.max(ms, this.minMs), this.maxMs);
  }
}

/** Stores milliseconds as nanoseconds at a row of a UInt64 or DateTime64(9) column. */
export function putMsAsNanos(values: Uint32Array, row: number, ms: number): void {
  const nanos = BigInt(ms) * 1_000_000n;
  values[row * 2] = Number(nanos & 0xffff_ffffn);
  values[row * 2 + 1] = Number(nanos >> 32n);
}

/** Stores a safe integer at a row of a UInt64 or DateTime64(3) column. */
export function putUint64(values: Uint32Array, row: number, value: number): void {
  values[row * 2] = value >>> 0;
  values[row * 2 + 1] = Math.floor(value / 4_294_967_296);
}
