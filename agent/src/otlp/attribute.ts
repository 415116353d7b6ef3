// Encodes attributes (OTLP KeyValue) and keeps the bytes of keys and of values that repeat.

import { ByteWriter, utf8Length, varintLength } from './byte-writer.js';
import { ATTR } from './names.js';

// opentelemetry/proto/common/v1/common.proto
//   KeyValue  1 key string · 2 value AnyValue
//   AnyValue  1 string_value string · 2 bool_value bool · 3 int_value int64 · 4 double_value double
const KEY_FIELD = 1;
const VALUE_TAG = 0x12;
const STRING_VALUE_TAG = 0x0a;
const BOOL_VALUE_TAG = 0x10;
const INT_VALUE_TAG = 0x18;
const DOUBLE_VALUE_TAG = 0x21;

/** What an attribute may hold. Whole numbers are sent as integers, except under names that end in `_ms`. */
export type AttributeValue = string | number | boolean;

const KEYS_MAX = 512;
const VALUES_PER_KEY_MAX = 256;
/** Shorter strings are written faster than they are looked up; longer ones rarely repeat. */
const CACHED_CHARS_MIN = 16;
const CACHED_CHARS_MAX = 2048;
/** Longer values are cut, so that no single attribute can fill a batch. */
const VALUE_CHARS_MAX = 8192;

/** Keys whose values are (nearly) all different: caching them would only wash the others out. */
const UNCACHED: ReadonlySet<string> = new Set<string>([
  ATTR.urlPath,
  ATTR.urlFull,
  ATTR.clientAddress,
  ATTR.codeStack,
  ATTR.exceptionMessage,
  ATTR.exceptionStack,
]);

interface Key {
  /** Field 1 of the KeyValue, tag and length included. */
  head: Buffer;
  isDouble: boolean;
  /** Encoded KeyValues with their length in front, by value; undefined where caching does not pay. */
  values: Map<string, Buffer> | undefined;
}

const keys = new Map<string, Key>();
const keyScratch = new ByteWriter(256);
const intScratch = new ByteWriter(16);

/**
 * Appends a flat list `[name, value, name, value, ...]`.
 * @param tag the one-byte tag of the repeated field that holds them: 0x4a for `Span.attributes`
 */
export function writeAttributes(
  out: ByteWriter,
  tag: number,
  flat: readonly AttributeValue[],
): void {
  for (let i = 0; i + 1 < flat.length; i += 2) {
    writeAttribute(out, tag, { name: flat[i] as string, value: flat[i + 1] as AttributeValue });
  }
}

/** Appends one of them. */
export function writeAttribute(
  out: ByteWriter,
  tag: number,
  { name, value }: { readonly name: string; readonly value: AttributeValue },
): void {
  const key = keys.get(name) ?? addKey(name);
  out.byte(tag);
  if (typeof value === 'string') writeString(out, key, value);
  else if (typeof value === 'number') writeNumber(out, key, value);
  else writeBoolean(out, key, value);
}

function addKey(name: string): Key {
  keyScratch.clear();
  keyScratch.string(KEY_FIELD, name);
  const key: Key = {
    head: keyScratch.bytes(),
    isDouble: name.endsWith('_ms'),
    values: UNCACHED.has(name) ? undefined : new Map(),
  };
  if (keys.size < KEYS_MAX) keys.set(name, key);
  return key;
}

function writeString(out: ByteWriter, key: Key, value: string): void {
  const { length } = value;
  const { values } = key;
  if (values === undefined || length < CACHED_CHARS_MIN || length > CACHED_CHARS_MAX) {
    encodeString(out, key, length > VALUE_CHARS_MAX ? value.slice(0, VALUE_CHARS_MAX) : value);
    return;
  }
  const cached = values.get(value);
  if (cached !== undefined) {
    out.raw(cached);
    return;
  }
  const from = out.pos;
  encodeString(out, key, value);
  // Starting over is cheaper than keeping an order of use, and values that repeat are back at once.
  if (values.size >= VALUES_PER_KEY_MAX) values.clear();
  values.set(value, Buffer.from(out.buf.subarray(from, out.pos)));
}

function encodeString(out: ByteWriter, key: Key, value: string): void {
  const length = utf8Length(value);
  const anyLength = 1 + varintLength(length) + length;
  out.varint(key.head.length + 1 + varintLength(anyLength) + anyLength);
  out.raw(key.head);
  out.byte(VALUE_TAG);
  out.varint(anyLength);
  out.byte(STRING_VALUE_TAG);
  out.varint(length);
  out.utf8(value, length);
}

function writeNumber(out: ByteWriter, key: Key, value: number): void {
  if (key.isDouble || !Number.isSafeInteger(value)) {
    out.varint(key.head.length + 2 + 9);
    out.raw(key.head);
    out.byte(VALUE_TAG);
    out.byte(9);
    out.byte(DOUBLE_VALUE_TAG);
    out.double(value);
    return;
  }
  intScratch.clear();
  intScratch.int64(value);
  out.varint(key.head.length + 2 + 1 + intScratch.pos);
  out.raw(key.head);
  out.byte(VALUE_TAG);
  out.byte(1 + intScratch.pos);
  out.byte(INT_VALUE_TAG);
  out.int64(value);
}

function writeBoolean(out: ByteWriter, key: Key, value: boolean): void {
  out.varint(key.head.length + 2 + 2);
  out.raw(key.head);
  out.byte(VALUE_TAG);
  out.byte(2);
  out.byte(BOOL_VALUE_TAG);
  out.byte(value ? 1 : 0);
}
