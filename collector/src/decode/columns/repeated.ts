// Array and Map columns: how many elements each row has, and the elements as columns of their own.
import type { Column } from './column.js';
import type { Sink } from './sink.js';

/** How many elements each row has. */
class Lengths {
  #counts = new Uint32Array(0);
  #total = 0;
  #markTotal = 0;

  /** All elements so far, which is the place of the next one. */
  get total(): number {
    return this.#total;
  }

  /** Counts one more element of a row and returns its place. */
  add(row: number): number {
    this.#counts[row] = (this.#counts[row] as number) + 1;
    this.#total += 1;
    return this.#total - 1;
  }

  reserve(rows: number): void {
    if (rows <= this.#counts.length) return;
    const grown = new Uint32Array(rows);
    grown.set(this.#counts);
    this.#counts = grown;
  }

  mark(): void {
    this.#markTotal = this.#total;
  }

  /** Returns how many elements there were before, so that elements can be rolled back too. */
  rollback(fromRow: number, toRow: number): { from: number; to: number } {
    const elements = { from: this.#markTotal, to: this.#total };
    this.#counts.fill(0, fromRow, toRow);
    this.#total = this.#markTotal;
    return elements;
  }

  reset(rows: number): void {
    this.#counts.fill(0, 0, rows);
    this.#total = 0;
  }

  /** Native writes the end of each row's elements as UInt64. */
  write(sink: Sink, rows: number): void {
    const ends = new Uint32Array(rows * 2);
    let end = 0;
    for (let row = 0; row < rows; row += 1) {
      end += this.#counts[row] as number;
      ends[row * 2] = end;
    }
    sink.addView(ends);
  }
}

/** The elements of an Array or a Map: several columns that grow by one element at a time. */
export class RepeatedColumn<Elements extends readonly Column[]> implements Column {
  readonly elements: Elements;
  readonly #lengths = new Lengths();
  #capacity = 0;

  constructor(...elements: Elements) {
    this.elements = elements;
  }

  /** Adds an element to a row and returns the place at which the element columns are to be set. */
  add(row: number): number {
    const place = this.#lengths.add(row);
    if (place >= this.#capacity) {
      this.#capacity = Math.max(64, this.#capacity * 2);
      for (const column of this.elements) column.reserve(this.#capacity);
    }
    return place;
  }

  reserve(rows: number): void {
    this.#lengths.reserve(rows);
  }

  mark(): void {
    this.#lengths.mark();
    for (const column of this.elements) column.mark();
  }

  rollback(fromRow: number, toRow: number): void {
    const elements = this.#lengths.rollback(fromRow, toRow);
    for (const column of this.elements) column.rollback(elements.from, elements.to);
  }

  reset(rows: number): void {
    const total = this.#lengths.total;
    this.#lengths.reset(rows);
    for (const column of this.elements) column.reset(total);
  }

  bytes(rows: number): number {
    const total = this.#lengths.total;
    let sum = rows * 8;
    for (const column of this.elements) sum += column.bytes(total);
    return sum;
  }

  writePrefix(sink: Sink): void {
    for (const column of this.elements) column.writePrefix(sink);
  }

  writeData(sink: Sink, rows: number): void {
    this.#lengths.write(sink, rows);
    for (const column of this.elements) column.writeData(sink, this.#lengths.total);
  }
}
