// When a failed export is tried again.

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;
const RETRY_AFTER_MAX_MS = 120_000;

/** The statuses after which OTLP/HTTP lets a client try again (opentelemetry.io/docs/specs/otlp, "Failures"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Whether a status asks for another attempt with the same batch. */
export function isRetryable(status: number): boolean {
  return RETRYABLE.has(status);
}

/**
 * How long to wait before the next attempt: doubling from half a second to thirty, of which a random half is taken
 * off, so that many services do not come back to a restarted collector in step.
 * @param failures consecutive failures, from 1
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return full * (1 - random / 2);
}

/**
 * Reads a Retry-After header: seconds or a date (RFC 9110, 10.2.3).
 * @returns milliseconds from `nowUnixMs`, at most two minutes; 0 where there is none that makes sense
 */
export function retryAfterMs(header: string | undefined, nowUnixMs: number): number {
  if (header === undefined) return 0;
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowUnixMs;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}
