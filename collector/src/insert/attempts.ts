// Which sealed files failed, how often, and until when each of them waits.
import type { Clock } from '../self/clock.js';

export interface AttemptsOptions {
  retryMinMs: number;
  retryMaxMs: number;
  clock: Clock;
}

export class Attempts<File extends object> {
  readonly #options: AttemptsOptions;
  readonly #failed = new Map<File, { times: number; until: number }>();
  #heldUntil = 0;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Until when nothing is tried at all, in milliseconds since the epoch. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  /** How many files have failed and not gone in since. */
  get waiting(): number {
    return this.#failed.size;
  }

  /** Until when a file waits; undefined for one that never failed. */
  waitsUntil(file: File): number | undefined {
    return this.#failed.get(file)?.until;
  }

  /** Notes a failure; returns the wait in milliseconds, which doubles each time, with a jitter. */
  failed(file: File): number {
    const times = (this.#failed.get(file)?.times ?? 0) + 1;
    const { retryMinMs, retryMaxMs, clock } = this.#options;
    const most = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(times - 1, 30));
    const waitMs = Math.round(most * (0.75 + Math.random() / 4));
    this.#failed.set(file, { times, until: clock.now() + waitMs });
    return waitMs;
  }

  done(file: File): void {
    this.#failed.delete(file);
  }

  /** The disk is in trouble: wait a little with everything. */
  holdAll(): void {
    this.#heldUntil = this.#options.clock.now() + this.#options.retryMinMs;
  }

  /** Lets everything be tried at once; the counts stay. */
  forgetWaits(): void {
    this.#heldUntil = 0;
    const now = this.#options.clock.now();
    for (const [file, { times }] of this.#failed) this.#failed.set(file, { times, until: now });
  }
}
