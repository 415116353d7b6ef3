// Whether somebody watches: while a page or a report was asked for lately, inserts come sooner.
import type { Clock } from './clock.js';

export interface Watch {
  /** Somebody asked for something just now. */
  touch(): void;
  /** True while the last `touch` is within the window. */
  active(): boolean;
  /** Calls `run` when the first touch after a quiet time comes. */
  onWake(run: () => void): void;
}

/** Creates a watch that stays active for `windowMs` after each touch. */
export function createWatch(clock: Clock, windowMs: number): Watch {
  let touchedAt = Number.NEGATIVE_INFINITY;
  const wakers: Array<() => void> = [];
  const active = (): boolean => clock.now() - touchedAt <= windowMs;
  return {
    active,
    touch() {
      const wasActive = active();
      touchedAt = clock.now();
      if (!wasActive) for (const wake of wakers) wake();
    },
    onWake(run) {
      wakers.push(run);
    },
  };
}
