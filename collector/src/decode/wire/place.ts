// Where a field lies: noted while a message is walked, read when the whole message is known.
import type { Ranges } from './ranges.js';
import type { Reader } from './reader.js';

/** Where a string or bytes field lies. */
export class Place {
  start = 0;
  end = 0;

  clear(): void {
    this.start = 0;
    this.end = 0;
  }

  get length(): number {
    return this.end - this.start;
  }

  read(reader: Reader, end: number): void {
    const stop = reader.delimited(end);
    this.start = reader.pos;
    this.end = stop;
    reader.pos = stop;
  }

  /** True where all bytes are zero, which an id must not be. */
  isZero(bytes: Buffer): boolean {
    for (let at = this.start; at < this.end; at += 1) if (bytes[at] !== 0) return false;
    return true;
  }
}

/** Notes where a message field lies, to be walked later. */
export function pushRange(reader: Reader, end: number, into: Ranges): void {
  const stop = reader.delimited(end);
  into.push(reader.pos, stop);
  reader.pos = stop;
}
