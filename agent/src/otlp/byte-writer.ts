// A growable byte buffer with the few protobuf primitives that the encoders need.

/** What protobuf calls a wire type, in the low three bits of a tag. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * A length that is not known before its content is written is reserved as a varint padded to this many bytes.
 * Protobuf readers accept such varints; three bytes hold 2 MiB, four times what one span may come to.
 */
const PADDED_LENGTH_BYTES = 3;
const SHORT_STRING_CHARS = 24;
const SHORT_COPY_BYTES = 32;

/**
 * Appends protobuf to a buffer that doubles when it is full.
 * `buf`, its `view` and `pos` are public, because the span encoder writes fixed layouts without a call per byte.
 */
export class ByteWriter {
  buf: Buffer;
  /** The same bytes. */
  view: DataView;
  pos = 0;

  constructor(initialBytes: number) {
    this.buf = Buffer.allocUnsafeSlow(initialBytes);
    this.view = viewOf(this.buf);
  }

  /** Makes room for `bytes` more. Every method below that writes calls it; direct writers must. */
  ensure(bytes: number): void {
    const needed = this.pos + bytes;
    if (needed <= this.buf.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buf.length * 2));
    this.buf.copy(grown, 0, 0, this.pos);
    this.buf = grown;
    this.view = viewOf(grown);
  }

  byte(value: number): void {
    if (this.pos === this.buf.length) this.ensure(1);
    this.buf[this.pos++] = value;
  }

  /** An unsigned integer up to 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.byte(value);
      return;
    }
    this.ensure(10);
    let rest = value;
    while (rest > 0x7f) {
      this.buf[this.pos++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.buf[this.pos++] = rest;
  }

  /** A signed integer as int64: negative numbers take ten bytes in two's complement. */
  int64(value: number): void {
    if (value >= 0) {
      this.varint(value);
      return;
    }
    this.ensure(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < 9; i++) {
      this.buf[this.pos++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buf[this.pos++] = Number(rest);
  }

  tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  double(value: number): void {
    this.ensure(8);
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  fixed32(value: number): void {
    this.ensure(4);
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  /** A fixed64 of nanoseconds from microseconds since 1970, split because the product exceeds 2^53. */
  fixed64Micros(micros: number): void {
    this.ensure(8);
    const high = Math.floor(micros / 4294967296);
    const lowNanos = (micros - high * 4294967296) * 1000;
    const carry = Math.floor(lowNanos / 4294967296);
    const low = lowNanos - carry * 4294967296;
    const { view, pos } = this;
    view.setUint32(pos, low, true);
    view.setUint32(pos + 4, high * 1000 + carry, true);
    this.pos = pos + 8;
  }

  /** A fixed64 of a whole number up to 2^53. */
  fixed64(value: number): void {
    this.ensure(8);
    const high = Math.floor(value / 4294967296);
    this.view.setUint32(this.pos, value - high * 4294967296, true);
    this.view.setUint32(this.pos + 4, high, true);
    this.pos += 8;
  }

  raw(bytes: Uint8Array): void {
    const length = bytes.length;
    this.ensure(length);
    // A loop beats the native call for what attributes usually are.
    if (length <= SHORT_COPY_BYTES) {
      const { buf, pos } = this;
      for (let i = 0; i < length; i++) buf[pos + i] = bytes[i] as number;
    } else {
      this.buf.set(bytes, this.pos);
    }
    this.pos += length;
  }

  /** Bytes of another buffer, without making a view of them. */
  copyFrom(source: Buffer, from: number, to: number): void {
    this.ensure(to - from);
    source.copy(this.buf, this.pos, from, to);
    this.pos += to - from;
  }

  /** UTF-8 without a length. `byteLength` must be what `utf8Length(text)` returned. */
  utf8(text: string, byteLength: number): void {
    this.ensure(byteLength);
    const { buf, pos } = this;
    if (byteLength === text.length && byteLength <= SHORT_STRING_CHARS) {
      for (let i = 0; i < byteLength; i++) buf[pos + i] = text.charCodeAt(i);
    } else {
      buf.write(text, pos, byteLength, byteLength === text.length ? 'latin1' : 'utf8');
    }
    this.pos = pos + byteLength;
  }

  /** A string field: tag, length, UTF-8. */
  string(field: number, text: string): void {
    const length = utf8Length(text);
    this.tag(field, WIRE.bytes);
    this.varint(length);
    this.utf8(text, length);
  }

  /** Begins a length-delimited field whose length is not known yet; returns the mark for `endMessage`. */
  beginMessage(field: number): number {
    this.tag(field, WIRE.bytes);
    this.ensure(PADDED_LENGTH_BYTES);
    this.pos += PADDED_LENGTH_BYTES;
    return this.pos;
  }

  /** Fills in the length that `beginMessage` left open. */
  endMessage(mark: number): void {
    const length = this.pos - mark;
    this.buf[mark - 3] = (length & 0x7f) | 0x80;
    this.buf[mark - 2] = ((length >> 7) & 0x7f) | 0x80;
    this.buf[mark - 1] = (length >> 14) & 0x7f;
  }

  /** A copy of what was written. */
  bytes(): Buffer {
    return Buffer.from(this.buf.subarray(0, this.pos));
  }

  /** Forgets the content and keeps the memory. */
  clear(): void {
    this.pos = 0;
  }
}

/** The number of bytes of `text` in UTF-8; lone surrogates count as the three bytes of U+FFFD. */
export function utf8Length(text: string): number {
  const length = text.length;
  if (length > SHORT_STRING_CHARS) return Buffer.byteLength(text);
  for (let i = 0; i < length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text);
  }
  return length;
}

/** The number of bytes of a varint. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++;
  return length;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
