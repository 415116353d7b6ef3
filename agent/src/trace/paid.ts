// What a request paid while it was served, on its entry span.

/** What a request paid, summed over its children as they end. Milliseconds and counts. */
export interface Paid {
  poolWaitMs: number;
  poolHoldMs: number;
  dbCount: number;
  dbMs: number;
  outCount: number;
  outMs: number;
}

/** The beginning of every request. */
export function nothingPaid(): Paid {
  return {
    poolWaitMs: 0,
    poolHoldMs: 0,
    dbCount: 0,
    dbMs: 0,
    outCount: 0,
    outMs: 0,
  };
}
