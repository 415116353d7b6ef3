// Encodes log records that an application emits through OpenTelemetry's API.

import { writeAnyAttributes, writeAnyValue } from './any-value.js';
import { type ByteWriter, WIRE } from './byte-writer.js';

// opentelemetry/proto/logs/v1/logs.proto
//   ScopeLogs  2 log_records repeated LogRecord
//   LogRecord  1 time_unix_nano fixed64 · 2 severity_number enum · 3 severity_text string · 5 body AnyValue
//              6 attributes repeated KeyValue · 7 dropped_attributes_count uint32 · 8 flags fixed32
//              9 trace_id bytes(16) · 10 span_id bytes(8) · 11 observed_time_unix_nano fixed64 · 12 event_name string
const RECORDS_FIELD = 2;
const TIME_FIELD = 1;
const SEVERITY_FIELD = 2;
const SEVERITY_TEXT_FIELD = 3;
const BODY_FIELD = 5;
const ATTRIBUTES_FIELD = 6;
const DROPPED_FIELD = 7;
const FLAGS_FIELD = 8;
const TRACE_ID_FIELD = 9;
const SPAN_ID_FIELD = 10;
const OBSERVED_TIME_FIELD = 11;
const EVENT_NAME_FIELD = 12;

/** One record. Times are in microseconds since 1970; ids are hex digits, or '' outside of any span. */
export interface EmittedLog {
  timeMicros: number;
  observedMicros: number;
  severity: number;
  severityText: string;
  eventName: string;
  body: unknown;
  /** `[name, value, ...]` */
  attributes: readonly unknown[];
  droppedAttributes: number;
  traceId: string;
  spanId: string;
  traceFlags: number;
}

/** Appends a record to a list of ScopeLogs.log_records. */
export function encodeLog(out: ByteWriter, log: EmittedLog): void {
  const mark = out.beginMessage(RECORDS_FIELD);
  out.tag(TIME_FIELD, WIRE.fixed64);
  out.fixed64Micros(log.timeMicros);
  out.tag(OBSERVED_TIME_FIELD, WIRE.fixed64);
  out.fixed64Micros(log.observedMicros);
  writeCount(out, SEVERITY_FIELD, log.severity);
  if (log.severityText !== '') out.string(SEVERITY_TEXT_FIELD, log.severityText);
  if (log.eventName !== '') out.string(EVENT_NAME_FIELD, log.eventName);
  if (log.body !== undefined && log.body !== null) writeAnyValue(out, BODY_FIELD, log.body);
  writeAnyAttributes(out, ATTRIBUTES_FIELD, log.attributes);
  writeCount(out, DROPPED_FIELD, log.droppedAttributes);
  if (log.traceId !== '') {
    writeId(out, TRACE_ID_FIELD, log.traceId);
    writeId(out, SPAN_ID_FIELD, log.spanId);
    out.tag(FLAGS_FIELD, WIRE.fixed32);
    out.fixed32(log.traceFlags);
  }
  out.endMessage(mark);
}

function writeId(out: ByteWriter, field: number, hex: string): void {
  const bytes = Buffer.from(hex, 'hex');
  out.tag(field, WIRE.bytes);
  out.varint(bytes.length);
  out.raw(bytes);
}

function writeCount(out: ByteWriter, field: number, count: number): void {
  if (count === 0) return;
  out.tag(field, WIRE.varint);
  out.varint(count);
}
