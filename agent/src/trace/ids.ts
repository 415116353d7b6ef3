// Random trace ids and span prefixes, drawn from a pool because a call into the random source costs microseconds.

import { randomFillSync } from 'node:crypto';
import { writeHex16, writeHex32 } from '../otlp/hex.js';
import { TraceId } from '../otlp/trace-id.js';

const POOL_BYTES = 16 * 1024;
const TRACE_ID_WORDS = 4;
const PREFIX_BYTES = 6;
const SPAN_ID_DIGITS = 16;
const scratch = Buffer.alloc(SPAN_ID_DIGITS);

/** A span id in two parts. */
interface SpanNumbers {
  readonly prefix: number;
  readonly sequence: number;
}

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
  writeSpanIdHex(scratch, 0, { prefix, sequence });
  return scratch.toString('latin1');
}

/** The same digits, as bytes from `at` on. */
export function writeSpanIdHex(out: Uint8Array, at: number, span: SpanNumbers): void {
  const { prefix, sequence } = span;
  const high = Math.floor(prefix / 0x100000000);
  writeHex16(out, at, high);
  writeHex32(out, at + 4, prefix - high * 0x100000000);
  writeHex16(out, at + 12, sequence);
}
