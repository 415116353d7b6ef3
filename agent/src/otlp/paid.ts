// Encodes the numbers that the agent itself puts on spans, without looking their names up.

import type { ByteWriter } from './byte-writer.js';
import { ATTR } from './names.js';
import { roundMs } from './round-ms.js';

// opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto
//   Span      9 attributes repeated KeyValue
//   KeyValue  1 key string · 2 value AnyValue
//   AnyValue  3 int_value int64 · 4 double_value double
const ATTRIBUTES_TAG = 0x4a;
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
const INT_VALUE_TAG = 0x18;
const DOUBLE_VALUE_TAG = 0x21;
const DOUBLE_BYTES = 8;
const COUNT_BYTES_MAX = 5;
/** What a value is beside its number: the tag and length of AnyValue, and the tag inside. */
const VALUE_HEAD_BYTES = 3;

/** What a request paid, summed over its children. Milliseconds and counts; what is zero is not sent. */
export interface PaidSums {
  readonly loopBlockedMs: number;
  readonly gcMs: number;
  /** Waits for a connection that was not free. */
  readonly poolWaitCount: number;
  readonly poolWaitMs: number;
  readonly poolHoldMs: number;
  readonly dbCount: number;
  readonly dbMs: number;
  readonly outCount: number;
  readonly outMs: number;
}

const BUSY = headOf(ATTR.loopBusyMs, DOUBLE_BYTES);
const BLOCKED = headOf(ATTR.loopBlockedMs, DOUBLE_BYTES);
const GC = headOf(ATTR.gcMs, DOUBLE_BYTES);
const POOL_WAIT_COUNT = headOf(ATTR.poolWaitCount, COUNT_BYTES_MAX);
const POOL_WAIT = headOf(ATTR.poolWaitMs, DOUBLE_BYTES);
const POOL_HOLD = headOf(ATTR.poolHoldMs, DOUBLE_BYTES);
const DB_COUNT = headOf(ATTR.dbCount, COUNT_BYTES_MAX);
const DB = headOf(ATTR.dbMs, DOUBLE_BYTES);
const OUT_COUNT = headOf(ATTR.outCount, COUNT_BYTES_MAX);
const OUT = headOf(ATTR.outMs, DOUBLE_BYTES);

/** Appends `venturi.loop_busy_ms`. */
export function writeLoopBusy(out: ByteWriter, ms: number): void {
  writeMs(out, BUSY, ms);
}

/** Appends what a request paid. */
export function writePaid(out: ByteWriter, paid: PaidSums): void {
  writeMs(out, BLOCKED, paid.loopBlockedMs);
  writeMs(out, GC, paid.gcMs);
  writeCount(out, POOL_WAIT_COUNT, paid.poolWaitCount);
  writeMs(out, POOL_WAIT, paid.poolWaitMs);
  writeMs(out, POOL_HOLD, paid.poolHoldMs);
  writeCount(out, DB_COUNT, paid.dbCount);
  writeMs(out, DB, paid.dbMs);
  writeCount(out, OUT_COUNT, paid.outCount);
  writeMs(out, OUT, paid.outMs);
}

/** All of the attribute before its number, which is as long for every number. */
function headOf(name: string, numberBytes: number): Uint8Array {
  const key = Buffer.from(name);
  const isCount = numberBytes === COUNT_BYTES_MAX;
  return Uint8Array.from([
    ...[ATTRIBUTES_TAG, 2 + key.length + VALUE_HEAD_BYTES + numberBytes, KEY_TAG, key.length],
    ...key,
    ...[VALUE_TAG, 1 + numberBytes, isCount ? INT_VALUE_TAG : DOUBLE_VALUE_TAG],
  ]);
}

function writeMs(out: ByteWriter, head: Uint8Array, ms: number): void {
  const rounded = roundMs(ms);
  if (rounded === 0) return;
  const pos = writeHead(out, head);
  out.view.setFloat64(pos, rounded, true);
  out.pos = pos + DOUBLE_BYTES;
}

/** A varint padded to five bytes, which readers accept. */
function writeCount(out: ByteWriter, head: Uint8Array, count: number): void {
  if (count === 0) return;
  const pos = writeHead(out, head);
  const { buf } = out;
  buf[pos] = (count & 0x7f) | 0x80;
  buf[pos + 1] = ((count >>> 7) & 0x7f) | 0x80;
  buf[pos + 2] = ((count >>> 14) & 0x7f) | 0x80;
  buf[pos + 3] = ((count >>> 21) & 0x7f) | 0x80;
  buf[pos + 4] = count >>> 28;
  out.pos = pos + COUNT_BYTES_MAX;
}

function writeHead(out: ByteWriter, head: Uint8Array): number {
  const { length } = head;
  out.ensure(length + DOUBLE_BYTES);
  const { buf, pos } = out;
  for (let i = 0; i < length; i++) buf[pos + i] = head[i] as number;
  return pos + length;
}
