// Collects the bytes of a Native block in the order in which they are written, without copying columns.

/** Writes a LEB128 varint and returns the position after it. The caller has made room for 5 bytes. */
export function putVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let pos = at;
  while (rest > 127) {
    target[pos] = (rest & 127) | 128;
    rest >>>= 7;
    pos += 1;
  }
  target[pos] = rest;
  return pos + 1;
}

/** Bytes that `putVarint` needs for a value. */
function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest > 127; rest >>>= 7) count += 1;
  return count;
}

export class Sink {
  readonly chunks: Uint8Array[] = [];
  bytes = 0;

  /** Adds a chunk; the sink only borrows it, so its owner must not change it until it is written. */
  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
  }

  /** Adds the bytes of a typed array; ClickHouse's Native is little-endian, as are our platforms. */
  addView(view: ArrayBufferView<ArrayBufferLike>): void {
    this.add(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  addVarint(value: number): void {
    const out = new Uint8Array(varintBytes(value));
    putVarint(out, 0, value);
    this.add(out);
  }

  /** Adds an unsigned 64-bit number that is a safe integer. */
  addUint64(value: number): void {
    this.addView(new Uint32Array([value >>> 0, Math.floor(value / 4_294_967_296)]));
  }
}
