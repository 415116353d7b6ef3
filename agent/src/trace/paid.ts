// What a request paid while it was served, on its entry span.

import type { PaidSums } from '../otlp/paid.js';

/** What a request paid, summed over its children as they end. Milliseconds and counts. */
export type Paid = { -readonly [Sum in keyof PaidSums]: number };

/** The beginning of every request. */
export function nothingPaid(): Paid {
  return {
    loopBlockedMs: 0,
    gcMs: 0,
    poolWaitMs: 0,
    poolHoldMs: 0,
    dbCount: 0,
    dbMs: 0,
    outCount: 0,
    outMs: 0,
  };
}
