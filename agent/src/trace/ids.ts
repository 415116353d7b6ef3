// Random trace ids and span prefixes, drawn from a pool because a call into the random source costs microseconds.

import { randomFillSync } from 'node:crypto';
import { TraceId } from '../otlp/trace-id.js';

const POOL_BYTES = 16 * 1024;
const TRACE_ID_WORDS = 4;
const PREFIX_BYTES = 6;
const BYTE_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const words = new Int32Array(POOL_BYTES / Int32Array.BYTES_PER_ELEMENT);
let wordsUsed = words.length;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** A trace id of 128 random bits, never all zero. */
export function newTraceId(): TraceId {
  for (;;) {
    if (wordsUsed === words.length) {
      randomFillSync(words);
      wordsUsed = 0;
    }
    const id = new TraceId(words, wordsUsed);
    wordsUsed += TRACE_ID_WORDS;
    if (!id.isZero) return id;
  }
}

/** The upper 48 bits of the span ids of one local root, never zero. */
export function newPrefix(): number {
  for (;;) {
    if (used + PREFIX_BYTES > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const prefix = pool.readUIntBE(used, PREFIX_BYTES);
    used += PREFIX_BYTES;
    if (prefix !== 0) return prefix;
  }
}

/** A span id as 16 lower-case hex digits. */
export function spanIdHex(prefix: number, sequence: number): string {
  const high = Math.floor(prefix / 0x100000000);
  const low = prefix - high * 0x100000000;
  return (
    digitsOf16(high) +
    digitsOf16(Math.floor(low / 0x10000)) +
    digitsOf16(low & 0xffff) +
    digitsOf16(sequence)
  );
}

/** A byte as two lower-case hex digits. */
export function byteHex(value: number): string {
  return BYTE_DIGITS[value & 0xff] as string;
}

function digitsOf16(value: number): string {
  return (BYTE_DIGITS[value >>> 8] as string) + (BYTE_DIGITS[value & 0xff] as string);
}
