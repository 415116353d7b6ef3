// Calls whose answers nobody reads: without a word from here they would never end.

import { storage } from '../context/store.js';
import { now } from '../trace/clock.js';
import type { Span } from '../trace/span.js';
import type { Unanswered } from '../trace/unanswered.js';

/** A job that reads an answer later than this, and after its request has ended, is not credited with the reading. */
const UNREAD_MS_MAX = 30_000;
const UNREAD_MAX = 1_000;

/** A call that has its answer. */
export interface Unread extends Unanswered {
  readonly span: Span;
  /** Since when, on the monotonic clock; 0 while it is not waited for. */
  unreadSinceMs: number;
}

/** Calls outside of requests, oldest first. */
const waiting = new Set<Unread>();
let isSweepDue = false;

/** Waits for a reader until the request ends that the call belongs to; outside of requests for half a minute. */
export function expectReader(call: Unread): void {
  const { entry } = call.span;
  call.unreadSinceMs = now();
  if (entry.servesRequest && !entry.ended) {
    entry.expect(call);
    return;
  }
  if (waiting.size >= UNREAD_MAX) giveUpOldest();
  waiting.add(call);
  planSweep();
}

/** The call has ended. */
export function forgetReader(call: Unread): void {
  call.span.entry.answered(call);
  waiting.delete(call);
  call.unreadSinceMs = 0;
}

function giveUpOldest(): void {
  for (const oldest of waiting) {
    waiting.delete(oldest);
    oldest.abandon();
    return;
  }
}

/** Outside of every context, which the timer would keep alive. */
function planSweep(): void {
  if (isSweepDue) return;
  isSweepDue = true;
  storage.run(undefined, () => setTimeout(sweep, UNREAD_MS_MAX).unref());
}

function sweep(): void {
  isSweepDue = false;
  const untilMs = now() - UNREAD_MS_MAX;
  for (const call of waiting) {
    if (call.unreadSinceMs > untilMs) break;
    waiting.delete(call);
    call.abandon();
  }
  if (waiting.size > 0) planSweep();
}
