// The requests that are being served at this moment, for the watchdog, and for the flush at exit.

import { ATTR } from '../otlp/names.js';
import { type EntrySpan, openEntries } from './span.js';

/** A set that others may read. */
export interface InFlight extends Iterable<EntrySpan> {
  has(entry: EntrySpan): boolean;
}

/** The entry spans (kind server or consumer) that have started and not ended, oldest first; at most 10,000. */
export function inFlight(): InFlight {
  return openEntries;
}

/** Moves the finished children of unfinished requests into the batch. */
export function commitInFlight(): void {
  for (const entry of openEntries) entry.commitChildren();
}

/** The value of `error.type` where a request never got its whole answer. */
export const ABORTED = 'aborted';

/** Ends every unfinished request, because the process ends and nobody will. */
export function abortInFlight(): void {
  for (const entry of [...openEntries]) {
    if (!entry.hasAttribute(ATTR.errorType)) entry.setAttribute(ATTR.errorType, ABORTED);
    entry.end();
  }
}
