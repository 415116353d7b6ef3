// Sums up how long other requests waited while the loop was blocked.

import type { EntrySpan } from '../trace/span.js';

/** The requests that a stall held up. */
export interface Victims {
  count: number;
  /** The sum of their overlaps with the stall. */
  ms: number;
}

/** A stall by its place in time, and the request that ran it, which is no victim. */
export interface Blocked {
  startMs: number;
  endMs: number;
  runner: EntrySpan | undefined;
}

/**
 * Overlap of a stall with the requests that were in flight. Those that arrived during the stall are not among them:
 * nobody knows when they came before the loop reads them from their sockets.
 * @param others in flight at some moment of the stall; they may have ended meanwhile
 */
export function victimsOf(stall: Blocked, others: readonly EntrySpan[]): Victims {
  const victims: Victims = { count: 0, ms: 0 };
  for (const entry of others) {
    if (entry === stall.runner) continue;
    const untilMs = Math.min(endMsOf(entry), stall.endMs);
    const ms = untilMs - Math.max(entry.startMs, stall.startMs);
    if (ms <= 0) continue;
    victims.count++;
    victims.ms += ms;
  }
  return victims;
}

function endMsOf(entry: EntrySpan): number {
  return entry.ended ? entry.endMicros / 1000 - entry.wallOffsetMs : Number.POSITIVE_INFINITY;
}
