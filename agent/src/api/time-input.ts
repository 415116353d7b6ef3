// Reads the times that an application gives.

import { now } from '../trace/clock.js';

/** Below half of the time of the process's start, a number can't be a date: it is a reading of `performance.now()`. */
const RELATIVE_MS_MAX = performance.timeOrigin / 2;

/**
 * Reads a time in any form of the API: a Date, milliseconds since 1970, `performance.now()`, or `[seconds, nanoseconds]`.
 * @param offsetMs wall time minus monotonic time
 * @returns microseconds since 1970, or undefined where it is no time
 */
export function toMicros(time: unknown, offsetMs: number): number | undefined {
  const micros = read(time, offsetMs);
  return micros === undefined || !Number.isFinite(micros) || micros < 0 ? undefined : micros;
}

function read(time: unknown, offsetMs: number): number | undefined {
  if (typeof time === 'number') {
    return Math.round((time < RELATIVE_MS_MAX ? offsetMs + time : time) * 1000);
  }
  if (time instanceof Date) return time.getTime() * 1000;
  if (!isHrTime(time)) return undefined;
  return Math.round(time[0] * 1e6 + time[1] / 1000);
}

/** Whether it is a time of the API at all, and no attributes. */
export function isTime(time: unknown): boolean {
  return typeof time === 'number' || time instanceof Date || isHrTime(time);
}

function isHrTime(time: unknown): time is [number, number] {
  return (
    Array.isArray(time) &&
    time.length === 2 &&
    typeof time[0] === 'number' &&
    typeof time[1] === 'number'
  );
}

/** The present in microseconds since 1970. */
export function nowMicros(offsetMs: number): number {
  return Math.round((offsetMs + now()) * 1000);
}
