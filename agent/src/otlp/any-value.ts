// Encodes attributes that the application sets: any key, lists, and numbers as OpenTelemetry's own exporter sends them.

import { type ByteWriter, WIRE } from './byte-writer.js';

// opentelemetry/proto/common/v1/common.proto
//   KeyValue    1 key string · 2 value AnyValue
//   AnyValue    1 string_value string · 2 bool_value bool · 3 int_value int64 · 4 double_value double
//               5 array_value ArrayValue · 6 kvlist_value KeyValueList · 7 bytes_value bytes
//   ArrayValue  1 values repeated AnyValue
//   KeyValueList 1 values repeated KeyValue
const KEY_FIELD = 1;
const VALUE_FIELD = 2;
const STRING_FIELD = 1;
const BOOL_FIELD = 2;
const INT_FIELD = 3;
const DOUBLE_FIELD = 4;
const LIST_FIELD = 5;
const MAP_FIELD = 6;
const BYTES_FIELD = 7;
const ELEMENTS_FIELD = 1;
const INT64_LIMIT = 2 ** 63;
/** What refers to itself must end somewhere. */
export const DEPTH_MAX = 16;

/**
 * Appends a flat list `[name, value, ...]` of what an application set. Nothing is kept of it: names and values of
 * applications know no bounds, and would wash out the agent's own.
 * @param field the repeated KeyValue that holds them
 */
export function writeAnyAttributes(out: ByteWriter, field: number, flat: readonly unknown[]): void {
  for (let i = 0; i + 1 < flat.length; i += 2) {
    writeKeyValue(out, field, flat[i] as string, flat[i + 1], 0);
  }
}

/** Appends an AnyValue field. Null and what OTLP has no form for become a value that holds nothing. */
export function writeAnyValue(out: ByteWriter, field: number, value: unknown, depth = 0): void {
  const mark = out.beginMessage(field);
  if (depth < DEPTH_MAX) writeContent(out, value, depth);
  out.endMessage(mark);
}

function writeContent(out: ByteWriter, value: unknown, depth: number): void {
  if (typeof value === 'string') out.string(STRING_FIELD, value);
  else if (typeof value === 'number') writeNumber(out, value);
  else if (typeof value === 'boolean') {
    out.tag(BOOL_FIELD, WIRE.varint);
    out.byte(value ? 1 : 0);
  } else if (value instanceof Uint8Array) {
    out.tag(BYTES_FIELD, WIRE.bytes);
    out.varint(value.length);
    out.raw(value);
  } else if (Array.isArray(value)) {
    const mark = out.beginMessage(LIST_FIELD);
    for (const element of value) writeAnyValue(out, ELEMENTS_FIELD, element, depth + 1);
    out.endMessage(mark);
  } else if (typeof value === 'object' && value !== null) {
    const mark = out.beginMessage(MAP_FIELD);
    for (const [name, element] of Object.entries(value)) {
      writeKeyValue(out, ELEMENTS_FIELD, name, element, depth + 1);
    }
    out.endMessage(mark);
  }
}

function writeKeyValue(
  out: ByteWriter,
  field: number,
  name: string,
  ...rest: [unknown, number]
): void {
  const mark = out.beginMessage(field);
  out.string(KEY_FIELD, name);
  writeAnyValue(out, VALUE_FIELD, rest[0], rest[1]);
  out.endMessage(mark);
}

function writeNumber(out: ByteWriter, value: number): void {
  if (Number.isInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT) {
    out.tag(INT_FIELD, WIRE.varint);
    out.int64(value);
    return;
  }
  out.tag(DOUBLE_FIELD, WIRE.fixed64);
  out.double(value);
}
