// Random trace ids and span prefixes, drawn from a pool because a call into the random source costs microseconds.

import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4096;
const TRACE_ID_BYTES = 16;
const PREFIX_BYTES = 6;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** A trace id of 128 random bits as 32 lower-case hex digits, never all zero. */
export function newTraceId(): string {
  for (;;) {
    const from = draw(TRACE_ID_BYTES);
    const id = pool.toString('hex', from, from + TRACE_ID_BYTES);
    if (id !== '00000000000000000000000000000000') return id;
  }
}

/** The upper 48 bits of the span ids of one local root, never zero. */
export function newPrefix(): number {
  for (;;) {
    const prefix = pool.readUIntBE(draw(PREFIX_BYTES), PREFIX_BYTES);
    if (prefix !== 0) return prefix;
  }
}

/** A span id as 16 lower-case hex digits. */
export function spanIdHex(prefix: number, sequence: number): string {
  return prefix.toString(16).padStart(12, '0') + sequence.toString(16).padStart(4, '0');
}

function draw(bytes: number): number {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const from = used;
  used += bytes;
  return from;
}
