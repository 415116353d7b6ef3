// Walks protobuf's wire format in place: a position that moves over the bytes, and no objects.
// Format: https://protobuf.dev/programming-guides/encoding/
import { VenturiError } from '../../self/errors.js';

const VARINT = 0;
const FIXED64 = 1;
export const DELIMITED = 2;
const FIXED32 = 5;

const varintBytesMax = 10;

/** Throws MALFORMED_OTLP; every walker fails through here. */
export function malformed(detail: string): never {
  throw new VenturiError('MALFORMED_OTLP', { detail });
}

/**
 * A cursor. `next(end)` reads a tag, then exactly one of the read methods (or `skip`) the field.
 * A 64-bit value is left in `lo` and `hi` as two unsigned words.
 */
export class Reader {
  bytes: Buffer = Buffer.alloc(0);
  pos = 0;
  /** Field number and wire type of the tag that was read last. */
  field = 0;
  wireType = 0;
  lo = 0;
  hi = 0;

  load(bytes: Buffer): void {
    this.bytes = bytes;
    this.pos = 0;
  }

  /** Reads the next tag of a message that ends at `end`; false at its end. */
  next(end: number): boolean {
    if (this.pos >= end) {
      if (this.pos > end) malformed('a field is longer than its message');
      return false;
    }
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.field === 0 || this.hi !== 0) malformed('a tag has no valid field number');
    return true;
  }

  /** Reads a varint field into `lo` and `hi`, and returns the low word. */
  varint(): number {
    if (this.wireType !== VARINT) this.#wrongType();
    return this.#varint();
  }

  /** Reads a fixed64 field into `lo` and `hi`. */
  fixed64(): void {
    if (this.wireType !== FIXED64) this.#wrongType();
    this.words(this.pos);
    this.pos += 8;
  }

  /** Reads a double field. */
  double(): number {
    if (this.wireType !== FIXED64) this.#wrongType();
    const value = this.doubleAt(this.pos);
    this.pos += 8;
    return value;
  }

  fixed32(): number {
    if (this.wireType !== FIXED32) this.#wrongType();
    if (this.pos + 4 > this.bytes.length) malformed('a number is cut off');
    const value = this.bytes.readUInt32LE(this.pos);
    this.pos += 4;
    return value;
  }

  /** Reads the length of a string, bytes or message field; returns its end, `pos` is its start. */
  delimited(end: number): number {
    if (this.wireType !== DELIMITED) this.#wrongType();
    const length = this.#varint();
    const stop = this.pos + length;
    if (this.hi !== 0 || stop > end) malformed('a field is longer than its message');
    return stop;
  }

  /** Passes over a field that nobody here knows. */
  skip(end: number): void {
    if (this.wireType === VARINT) this.#varint();
    else if (this.wireType === FIXED64) this.pos += 8;
    else if (this.wireType === FIXED32) this.pos += 4;
    else this.pos = this.delimited(end);
  }

  /** The two words of the eight bytes at a place. */
  words(at: number): void {
    if (at + 8 > this.bytes.length) malformed('a number is cut off');
    const bytes = this.bytes;
    this.lo =
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24)) >>>
      0;
    this.hi =
      ((bytes[at + 4] as number) |
        ((bytes[at + 5] as number) << 8) |
        ((bytes[at + 6] as number) << 16) |
        ((bytes[at + 7] as number) << 24)) >>>
      0;
  }

  doubleAt(at: number): number {
    if (at + 8 > this.bytes.length) malformed('a number is cut off');
    return this.bytes.readDoubleLE(at);
  }

  /** The signed 64-bit value of `lo` and `hi`, to the nearest double. */
  signed(): number {
    return (this.hi | 0) * 4_294_967_296 + this.lo;
  }

  #wrongType(): never {
    malformed(`field ${this.field} has wire type ${this.wireType}`);
  }

  /** Leaves the value in `lo` and `hi`; bits beyond 64 are dropped, as other readers do. */
  #varint(): number {
    const bytes = this.bytes;
    const first = bytes[this.pos];
    if (first !== undefined && first < 128) {
      this.pos += 1;
      this.hi = 0;
      this.lo = first;
      return first;
    }
    let lo = 0;
    let hi = 0;
    for (let index = 0; index < varintBytesMax; index += 1) {
      const byte = bytes[this.pos];
      if (byte === undefined) malformed('a number is cut off');
      this.pos += 1;
      const part = byte & 127;
      if (index < 4) lo |= part << (7 * index);
      else if (index === 4) {
        lo |= part << 28;
        hi = part >>> 4;
      } else hi |= index === 9 ? part << 31 : part << (7 * index - 32);
      if (byte < 128) {
        this.lo = lo >>> 0;
        this.hi = hi >>> 0;
        return this.lo;
      }
    }
    return malformed('a number has more than ten bytes');
  }
}
