// The requests that are being served at this moment, for the watchdog, and for the flush at exit.

import { type EntrySpan, openEntries } from './span.js';

/** The entry spans (kind server or consumer) that have started and not ended, oldest first; at most 10,000. */
export function inFlight(): ReadonlySet<EntrySpan> {
  return openEntries;
}

/** Moves the finished children of unfinished requests into the batch. */
export function commitInFlight(): void {
  for (const entry of openEntries) entry.segment.commit();
}
