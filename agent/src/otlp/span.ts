// Encodes one span as an element of OTLP's ScopeSpans.spans.

import { type AttributeValue, writeAttribute, writeAttributes } from './attribute.js';
import type { AttributeList } from './attribute-list.js';
import { ByteWriter, WIRE } from './byte-writer.js';
import { StatusCode } from './names.js';
import { type PaidSums, writeLoopBusy, writePaid } from './paid.js';
import { type SpanAdditions, writeAdditions } from './span-additions.js';
import type { TraceId } from './trace-id.js';

// opentelemetry/proto/trace/v1/trace.proto
//   ScopeSpans  2 spans repeated Span
//   Span        1 trace_id bytes(16) · 2 span_id bytes(8) · 3 trace_state string · 4 parent_span_id bytes(8)
//               5 name string · 6 kind enum · 7 start_time_unix_nano fixed64 · 8 end_time_unix_nano fixed64
//               9 attributes repeated KeyValue · 11 events repeated Event · 15 status Status · 16 flags fixed32
//   Event       1 time_unix_nano fixed64 · 2 name string · 3 attributes repeated KeyValue
//   Status      2 message string · 3 code enum
const SPANS_FIELD = 2;
/** Tag and length. */
const TRACE_ID_HEAD = 0x0a10;
const SPAN_ID_TAG = 0x12;
const TRACE_STATE_FIELD = 3;
const PARENT_ID_TAG = 0x22;
const NAME_FIELD = 5;
const KIND_TAG = 0x30;
const START_TAG = 0x39;
const END_TAG = 0x41;
const ATTRIBUTES_TAG = 0x4a;
const EVENTS_FIELD = 11;
const STATUS_FIELD = 15;
const FLAGS_FIELD = 16;
const EVENT_TIME_TAG = 0x09;
const EVENT_NAME_FIELD = 2;
const EVENT_ATTRIBUTES_TAG = 0x1a;
const STATUS_MESSAGE_FIELD = 2;
const STATUS_CODE_FIELD = 3;

/** Bits of `Span.flags` beyond the W3C trace flags: whether the parent is known to be remote or local. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Room for ids, times and tags, so that they are written without a check each. */
const FIXED_PART_BYTES = 96;

/** A point in the life of a span, such as an exception. */
export interface SpanEvent {
  name: string;
  /** Microseconds since 1970. */
  timeMicros: number;
  /** `[name, value, ...]` */
  attributes: AttributeValue[];
}

/** What the encoder reads of a span. An id is a 48-bit prefix and a 16-bit sequence; a sequence of 0 means no parent. */
export interface SpanRecord {
  traceId: TraceId;
  traceState: string;
  /** W3C trace flags. */
  traceFlags: number;
  prefix: number;
  sequence: number;
  parentPrefix: number;
  parentSequence: number;
  parentIsRemote: boolean;
  name: string;
  kind: number;
  /** Microseconds since 1970. */
  startMicros: number;
  endMicros: number;
  /** Undefined where it has none of its own. */
  attributes: AttributeList | undefined;
  /** The name and attributes as `encodeHeading` returned them, in place of `name`. */
  heading: Uint8Array | undefined;
  /** Further attributes as `encodeAttributes` returned them: what many spans have in common. */
  commonAttributes: Uint8Array | undefined;
  /** The value of `venturi.loop_busy_ms`; 0 is not sent. */
  loopBusyMs: number;
  /** Of a request, undefined where it paid for nothing. */
  paidSums: PaidSums | undefined;
  events: SpanEvent[] | undefined;
  statusCode: number;
  statusMessage: string;
  /** What the application has added to it; undefined where it has not touched the span. */
  additions: SpanAdditions | undefined;
}

/** Encodes attributes once that many spans will have: a flat list `[name, value, ...]`. */
export function encodeAttributes(flat: readonly AttributeValue[]): Uint8Array {
  const out = new ByteWriter(256);
  writeAttributes(out, ATTRIBUTES_TAG, flat);
  return out.bytes();
}

/** Encodes a name with attributes once that many spans will have. */
export function encodeHeading(name: string, flat: readonly AttributeValue[]): Uint8Array {
  const out = new ByteWriter(256);
  out.string(NAME_FIELD, name);
  writeAttributes(out, ATTRIBUTES_TAG, flat);
  return out.bytes();
}

/** The bytes of `encodeAttributes` without those whose name `isLeftOut`. */
export function withoutAttributes(
  encoded: Uint8Array,
  isLeftOut: (name: string) => boolean,
): Uint8Array {
  const kept: Uint8Array[] = [];
  for (let from = 0; from < encoded.length; ) {
    const [length, start] = readVarint(encoded, from + 1);
    // KeyValue.key comes first: its tag, its length, its text.
    const [nameLength, nameStart] = readVarint(encoded, start + 1);
    const name = Buffer.from(encoded.subarray(nameStart, nameStart + nameLength)).toString();
    if (!isLeftOut(name)) kept.push(encoded.subarray(from, start + length));
    from = start + length;
  }
  return Buffer.concat(kept);
}

/** @returns the number at `from`, and where what follows begins */
function readVarint(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  for (let i = from, scale = 1; ; i++, scale *= 128) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, i + 1];
  }
}

/** Appends `span` to a list of ScopeSpans.spans. */
export function encodeSpan(out: ByteWriter, span: SpanRecord): void {
  const mark = out.beginMessage(SPANS_FIELD);
  writeFixedPart(out, span);
  if (span.heading === undefined) out.string(NAME_FIELD, span.name);
  else out.raw(span.heading);
  if (span.traceState !== '') out.string(TRACE_STATE_FIELD, span.traceState);
  if (span.commonAttributes !== undefined) out.raw(span.commonAttributes);
  if (span.attributes !== undefined) writeList(out, span.attributes);
  if (span.loopBusyMs !== 0) writeLoopBusy(out, span.loopBusyMs);
  if (span.paidSums !== undefined) writePaid(out, span.paidSums);
  if (span.events !== undefined) writeEvents(out, span.events);
  if (span.additions !== undefined) writeAdditions(out, span.additions);
  if (span.statusCode !== StatusCode.UNSET) writeStatus(out, span.statusCode, span.statusMessage);
  out.endMessage(mark);
}

/** Ids, kind, times and flags, each in the same number of bytes for all spans. */
function writeFixedPart(out: ByteWriter, span: SpanRecord): void {
  out.ensure(FIXED_PART_BYTES);
  writeTraceId(out, span.traceId);
  writeSpanId(out, SPAN_ID_TAG, span.prefix, span.sequence);
  const hasParent = span.parentSequence !== 0 || span.parentPrefix !== 0;
  if (hasParent) writeSpanId(out, PARENT_ID_TAG, span.parentPrefix, span.parentSequence);
  out.byte(KIND_TAG);
  out.byte(span.kind);
  out.byte(START_TAG);
  out.fixed64Micros(span.startMicros);
  out.byte(END_TAG);
  out.fixed64Micros(span.endMicros);
  out.tag(FLAGS_FIELD, WIRE.fixed32);
  const remote = hasParent && span.parentIsRemote ? HAS_IS_REMOTE | IS_REMOTE : HAS_IS_REMOTE;
  out.fixed32(span.traceFlags | remote);
}

function writeTraceId(out: ByteWriter, id: TraceId): void {
  const { view, pos } = out;
  view.setUint16(pos, TRACE_ID_HEAD);
  view.setInt32(pos + 2, id.first);
  view.setInt32(pos + 6, id.second);
  view.setInt32(pos + 10, id.third);
  view.setInt32(pos + 14, id.fourth);
  out.pos = pos + 18;
}

/** Tag, length and the eight bytes of a span id: prefix and sequence, big-endian. */
function writeSpanId(out: ByteWriter, tag: number, prefix: number, sequence: number): void {
  const { view, pos } = out;
  const high = Math.floor(prefix / 4294967296);
  view.setUint8(pos, tag);
  view.setUint8(pos + 1, 8);
  view.setUint16(pos + 2, high);
  view.setUint32(pos + 4, prefix - high * 4294967296);
  view.setUint16(pos + 8, sequence);
  out.pos = pos + 10;
}

function writeList(out: ByteWriter, attributes: AttributeList): void {
  for (let at = attributes.first; at !== undefined; at = at.next) {
    writeAttribute(out, ATTRIBUTES_TAG, at);
  }
}

function writeEvents(out: ByteWriter, events: readonly SpanEvent[]): void {
  for (const event of events) {
    const mark = out.beginMessage(EVENTS_FIELD);
    out.byte(EVENT_TIME_TAG);
    out.fixed64Micros(event.timeMicros);
    out.string(EVENT_NAME_FIELD, event.name);
    writeAttributes(out, EVENT_ATTRIBUTES_TAG, event.attributes);
    out.endMessage(mark);
  }
}

function writeStatus(out: ByteWriter, code: number, message: string): void {
  const mark = out.beginMessage(STATUS_FIELD);
  if (message !== '') out.string(STATUS_MESSAGE_FIELD, message);
  out.tag(STATUS_CODE_FIELD, WIRE.varint);
  out.varint(code);
  out.endMessage(mark);
}
