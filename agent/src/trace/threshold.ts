// Consistent probability sampling: a request's threshold, its randomness, and how both are written in `tracestate`.
// Source: https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
//
// Randomness R and threshold T are whole numbers below 2^56; a trace is kept where R >= T, and stands for
// 1 / (1 - T / 2^56) traces. Here both are kept to 48 bits, the upper ones, which a double holds exactly; the
// specification lets `th` leave trailing zeros out.

import type { TraceId } from '../otlp/trace-id.js';

const BITS = 48;
/** Above every R: nothing is kept. */
export const THRESHOLD_NEVER: number = 2 ** BITS;
const DIGITS = BITS / 4;
const OT_MEMBER = /(?:^|,)\s*ot=([^,]*)/;
const THRESHOLD = /(?:^|;)th:([0-9a-f]{1,14})(?:;|$)/;
const RANDOMNESS = /(?:^|;)rv:([0-9a-f]{14})(?:;|$)/;

/** The randomness of a trace: `rv` of its tracestate, else the lower 56 bits of its id. */
export function randomnessOf(traceId: TraceId, traceState: string): number {
  const given = RANDOMNESS.exec(OT_MEMBER.exec(traceState)?.[1] ?? '')?.[1];
  if (given !== undefined) return Number.parseInt(given.slice(0, DIGITS), 16);
  return (traceId.third & 0xffffff) * 2 ** 24 + (traceId.fourth >>> 8);
}

/** The threshold that keeps a share of all traces, from 0 to 1. */
export function thresholdOf(share: number): number {
  return Math.min(THRESHOLD_NEVER, Math.max(0, Math.round((1 - share) * THRESHOLD_NEVER)));
}

/** The threshold that a caller has applied; undefined where it does not say. */
export function thresholdIn(traceState: string): number | undefined {
  const hex = THRESHOLD.exec(OT_MEMBER.exec(traceState)?.[1] ?? '')?.[1];
  return hex === undefined
    ? undefined
    : Number.parseInt(hex.padEnd(DIGITS, '0').slice(0, DIGITS), 16);
}

/** `ot=th:` with all digits. */
export function memberOf(threshold: number): string {
  const hex = Math.min(threshold, THRESHOLD_NEVER - 1)
    .toString(16)
    .padStart(DIGITS, '0');
  return `ot=th:${hex}`;
}

/** A tracestate with a threshold in place of the one that it had; other members and `rv` stay. */
export function withThreshold(traceState: string, threshold: number): string {
  const ot = OT_MEMBER.exec(traceState);
  const member = memberOf(threshold);
  if (ot === null) return traceState === '' ? member : `${member},${traceState}`;
  const rest = (ot[1] as string)
    .split(';')
    .filter((pair) => !pair.startsWith('th:') && pair !== '');
  const others = traceState.replace(OT_MEMBER, '').replace(/^,/, '');
  const own = [member, ...rest].join(';');
  return others === '' ? own : `${own},${others}`;
}
