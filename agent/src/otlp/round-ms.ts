// Rounds times as they are sent.

/** To microseconds: what a double holds beyond that is noise of the clock. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
