// Times of spans: the monotonic clock, anchored to wall time so that a span never ends before it starts.

/** Milliseconds on the monotonic clock, with fractions: what all `startMs` and `endMs` of spans are. */
export const now: () => number = performance.now.bind(performance);

/** When a span last started: a clock that costs nothing, for what is done every second or so. */
export const latest: { startMs: number } = { startMs: 0 };

/** The wall clock is asked no more often: V8 leaves its code for that, as for little else in the life of a span. */
const WALL_INTERVAL_MS = 10;

let offsetMs = performance.timeOrigin;
let askedMs = Number.NEGATIVE_INFINITY;

/**
 * Wall time minus monotonic time, in milliseconds, to be asked once per local root.
 * `Date.now()` gives whole milliseconds only, so the anchor moves just as far as it must to agree with them: it keeps
 * its fractions while the clocks agree and follows when the wall clock is set or drifts.
 */
export function wallOffsetMs(monotonicMs: number): number {
  if (monotonicMs - askedMs < WALL_INTERVAL_MS) return offsetMs;
  askedMs = monotonicMs;
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
