// The requests that are being served at this moment, for the watchdog, and for the flush at exit.

import type { EntrySpan } from './span.js';

/** Beyond this the oldest are forgotten, since a request that never ends must not hold memory for ever. */
const IN_FLIGHT_MAX = 10_000;

const entries = new Set<EntrySpan>();

/** Remembers an entry span until it ends. */
export function addInFlight(entry: EntrySpan): void {
  if (entries.size >= IN_FLIGHT_MAX) {
    for (const oldest of entries) {
      entries.delete(oldest);
      break;
    }
  }
  entries.add(entry);
}

/** Forgets an entry span. */
export function removeInFlight(entry: EntrySpan): void {
  entries.delete(entry);
}

/** The entry spans (kind server or consumer) that have started and not ended, oldest first. */
export function inFlight(): ReadonlySet<EntrySpan> {
  return entries;
}

/** Moves the finished children of unfinished requests into the batch. */
export function commitInFlight(): void {
  for (const entry of entries) entry.segment.commit();
}
