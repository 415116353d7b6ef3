// The String column: a growing buffer of length-prefixed values, which already is the Native layout.
import type { Column } from './column.js';
import { putVarint, type Sink } from './sink.js';
import type { Slice } from './slice.js';

/** Below this length a byte loop beats the call into the runtime's copy. */
const loopCopyMax = 24;

export class StringColumn implements Column {
  #data: Buffer = Buffer.alloc(1024);
  #pos = 0;
  #rows = 0;
  #markPos = 0;
  #markRows = 0;

  /** Stores a slice at a row; rows left out before it are empty strings. */
  set(row: number, slice: Slice): void {
    const { source, start, end } = slice;
    const length = end - start;
    // An empty string is one zero byte, and unwritten memory is zero.
    const at = this.#pos + (row - this.#rows);
    this.#grow(at + length + 5);
    const data = this.#data;
    const from = putVarint(data, at, length);
    if (length <= loopCopyMax) {
      for (let index = 0; index < length; index += 1) {
        data[from + index] = source[start + index] as number;
      }
    } else {
      source.copy(data, from, start, end);
    }
    this.#pos = from + length;
    this.#rows = row + 1;
  }

  reserve(): void {}

  mark(): void {
    this.#markPos = this.#pos;
    this.#markRows = this.#rows;
  }

  rollback(): void {
    this.#data.fill(0, this.#markPos, this.#pos);
    this.#pos = this.#markPos;
    this.#rows = this.#markRows;
  }

  reset(): void {
    this.#data.fill(0, 0, this.#pos);
    this.#pos = 0;
    this.#rows = 0;
  }

  bytes(rows: number): number {
    return this.#pos + rows - this.#rows;
  }

  writePrefix(): void {}

  writeData(sink: Sink, rows: number): void {
    const end = this.bytes(rows);
    this.#grow(end);
    sink.add(this.#data.subarray(0, end));
  }

  #grow(bytes: number): void {
    if (bytes <= this.#data.length) return;
    const grown = Buffer.alloc(Math.max(bytes, this.#data.length * 2));
    this.#data.copy(grown, 0, 0, this.#pos);
    this.#data = grown;
  }
}
