// Reads one OTLP attribute (KeyValue) and gives its value as text where a text is wanted.
import { Slice } from '../columns/slice.js';
import { malformed, type Reader } from './reader.js';

/** The member of AnyValue's `oneof` that is set; its numbers are the field numbers. */
export const VALUE = { none: 0, text: 1, bool: 2, int: 3, double: 4, list: 5, map: 6, bytes: 7 };

/** Deepest nesting of arrays and kvlists; deeper ones are an attack or a loop. */
const depthMax = 32;

export class Attribute {
  keyStart = 0;
  keyEnd = 0;
  /** One of VALUE. */
  type = VALUE.none;
  /** Where text, list, map and bytes lie. */
  start = 0;
  end = 0;
  /** Of bool (0 or 1), int and double. */
  number = 0;
  /** The two words of an int, which a double cannot hold all of. */
  lo = 0;
  hi = 0;
}

/**
 * Reads a KeyValue whose bytes start at `reader.pos` and end at `end`:
 *   1 key (string), 2 value (AnyValue). Other fields are passed over.
 */
export function readKeyValue(reader: Reader, end: number, into: Attribute): void {
  into.keyStart = reader.pos;
  into.keyEnd = reader.pos;
  into.type = VALUE.none;
  while (reader.next(end)) {
    if (reader.field === 1) {
      const stop = reader.delimited(end);
      into.keyStart = reader.pos;
      into.keyEnd = stop;
      reader.pos = stop;
    } else if (reader.field === 2) {
      readAnyValue(reader, reader.delimited(end), into);
    } else reader.skip(end);
  }
}

/**
 * Reads an AnyValue that ends at `end`: 1 string, 2 bool, 3 int64, 4 double, 5 ArrayValue, 6 KeyValueList,
 * 7 bytes. The last member that is set counts.
 */
function readAnyValue(reader: Reader, end: number, into: Attribute): void {
  into.type = VALUE.none;
  while (reader.next(end)) {
    const field = reader.field;
    if (field === 1 || (field >= 5 && field <= 7)) {
      const stop = reader.delimited(end);
      into.start = reader.pos;
      into.end = stop;
      reader.pos = stop;
    } else if (field === 2) {
      reader.varint();
      into.number = (reader.lo | reader.hi) === 0 ? 0 : 1;
    } else if (field === 3) {
      reader.varint();
      into.lo = reader.lo;
      into.hi = reader.hi;
      into.number = reader.signed();
    } else if (field === 4) into.number = reader.double();
    else {
      reader.skip(end);
      continue;
    }
    into.type = field;
  }
}

/** Points a slice at a value as text; what is not text on the wire is written out first. */
export class TextForm {
  readonly slice = new Slice();

  /** The text of an attribute; it is valid until the next call. */
  of(reader: Reader, value: Attribute): Slice {
    const slice = this.slice;
    if (value.type === VALUE.text) {
      slice.source = reader.bytes;
      return slice.point(value.start, value.end);
    }
    return slice.whole(Buffer.from(spell(reader, value)));
  }
}

function spell(reader: Reader, value: Attribute): string {
  switch (value.type) {
    case VALUE.bool:
      return value.number === 1 ? 'true' : 'false';
    case VALUE.int:
      return intText(value);
    case VALUE.double:
      return String(value.number);
    case VALUE.bytes:
      return reader.bytes.toString('base64', value.start, value.end);
    case VALUE.list:
    case VALUE.map:
      return nestedJson(reader, value, 1);
    default:
      return '';
  }
}

/** The members of an array or kvlist as JSON; leaves `reader.pos` where it was. */
function nestedJson(reader: Reader, value: Attribute, depth: number): string {
  if (depth > depthMax) malformed('an attribute value is nested too deeply');
  const { start, end, type } = value;
  const before = reader.pos;
  const member = new Attribute();
  const parts: string[] = [];
  reader.pos = start;
  while (reader.next(end)) {
    if (reader.field !== 1) {
      reader.skip(end);
      continue;
    }
    const stop = reader.delimited(end);
    if (type === VALUE.list) {
      readAnyValue(reader, stop, member);
      parts.push(json(reader, member, depth));
    } else {
      readKeyValue(reader, stop, member);
      const key = reader.bytes.toString('utf8', member.keyStart, member.keyEnd);
      parts.push(`${JSON.stringify(key)}:${json(reader, member, depth)}`);
    }
  }
  reader.pos = before;
  return type === VALUE.list ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
}

function json(reader: Reader, value: Attribute, depth: number): string {
  switch (value.type) {
    case VALUE.none:
      return 'null';
    case VALUE.text:
      return JSON.stringify(reader.bytes.toString('utf8', value.start, value.end));
    case VALUE.double:
      // JSON has no NaN and no infinity; OTLP's own JSON form writes them as text.
      return Number.isFinite(value.number) ? String(value.number) : `"${value.number}"`;
    case VALUE.bytes:
      return `"${reader.bytes.toString('base64', value.start, value.end)}"`;
    case VALUE.list:
    case VALUE.map:
      return nestedJson(reader, value, depth + 1);
    default:
      return spell(reader, value);
  }
}

function intText(value: Attribute): string {
  if (Number.isSafeInteger(value.number)) return String(value.number);
  return String(BigInt.asIntN(64, (BigInt(value.hi) << 32n) | BigInt(value.lo)));
}
