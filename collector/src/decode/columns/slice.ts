// A range of bytes that is being looked at: one mutable object a walker, so that no value costs one.

export class Slice {
  source: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;

  /** Points at `[start, end)` of the same source. */
  point(start: number, end: number): this {
    this.start = start;
    this.end = end;
    return this;
  }

  /** Points at a whole buffer, for values that do not come from the wire. */
  whole(source: Buffer): this {
    this.source = source;
    return this.point(0, source.length);
  }

  /** Cuts the slice to at most `bytesMax` without splitting a UTF-8 sequence; true where it was cut. */
  limit(bytesMax: number): boolean {
    if (this.end - this.start <= bytesMax) return false;
    let end = this.start + bytesMax;
    // A continuation byte is 10xxxxxx; no sequence has more than three of them.
    for (let back = 0; back < 3 && end > this.start; back += 1) {
      if (((this.source[end] as number) & 0xc0) !== 0x80) break;
      end -= 1;
    }
    this.end = end;
    return true;
  }

  /** FNV-1a over the slice: cheap for the short strings that repeat. Unsigned 32 bits. */
  hash(): number {
    const source = this.source;
    const end = this.end;
    let hash = 0x811c9dc5;
    for (let index = this.start; index < end; index += 1) {
      hash = Math.imul(hash ^ (source[index] as number), 0x01000193);
    }
    return hash >>> 0;
  }

  text(): string {
    return this.source.toString('utf8', this.start, this.end);
  }
}
