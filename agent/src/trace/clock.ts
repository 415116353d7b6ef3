// Times of spans: the monotonic clock, anchored to wall time so that a span never ends before it starts.

/** Milliseconds on the monotonic clock, with fractions: what all `startMs` and `endMs` of spans are. */
export const now: () => number = performance.now.bind(performance);

let offsetMs = performance.timeOrigin;

/**
 * Wall time minus monotonic time, in milliseconds, to be asked once per local root.
 * `Date.now()` gives whole milliseconds only, so the anchor moves just as far as it must to agree with them: it keeps
 * its fractions while the clocks agree and follows when the wall clock is set or drifts.
 */
export function wallOffsetMs(monotonicMs: number): number {
  const wall = Date.now();
  const estimate = offsetMs + monotonicMs;
  if (estimate < wall) offsetMs += wall - estimate;
  else if (estimate >= wall + 1) offsetMs -= estimate - (wall + 1);
  return offsetMs;
}

const { nodeTiming } = performance;

/** Milliseconds that the event loop has spent waiting for work since it started; exact, and 30 ns a read. */
export function loopIdleMs(): number {
  return nodeTiming.idleTime;
}
