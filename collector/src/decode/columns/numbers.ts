// Columns of fixed width: numbers, enums, times and ids. They are set through `values`, row by row.
import type { Column } from './column.js';
import type { Sink } from './sink.js';

type Values = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/**
 * A column of `lanes` array elements a row: a UInt64 is two lanes of Uint32Array, low word first;
 * a FixedString(16) is sixteen lanes of Uint8Array.
 * Writers store into `values` themselves, so that each place of the code sees one array type only.
 */
class FixedColumn<T extends Values> implements Column {
  values: T;
  readonly lanes: number;
  readonly #allocate: (length: number) => T;

  constructor(allocate: (length: number) => T, lanes = 1) {
    this.#allocate = allocate;
    this.lanes = lanes;
    this.values = allocate(0);
  }

  reserve(rows: number): void {
    if (rows * this.lanes <= this.values.length) return;
    const grown = this.#allocate(rows * this.lanes);
    grown.set(this.values);
    this.values = grown;
  }

  /** Nothing to remember: the rows of the table say all. */
  mark(): void {}

  rollback(fromRow: number, toRow: number): void {
    this.values.fill(0, fromRow * this.lanes, toRow * this.lanes);
  }

  reset(rows: number): void {
    this.values.fill(0, 0, rows * this.lanes);
  }

  bytes(rows: number): number {
    return rows * this.lanes * this.values.BYTES_PER_ELEMENT;
  }

  writePrefix(): void {}

  writeData(sink: Sink, rows: number): void {
    sink.addView(this.values.subarray(0, rows * this.lanes));
  }
}

export type UInt8Column = FixedColumn<Uint8Array>;
export type UInt16Column = FixedColumn<Uint16Array>;
export type UInt32Column = FixedColumn<Uint32Array>;
/** Two lanes a row: low word, high word. DateTime64 is one as well. */
export type UInt64Column = FixedColumn<Uint32Array>;
export type Float32Column = FixedColumn<Float32Array>;
export type Float64Column = FixedColumn<Float64Array>;

export const uint8Column = (): UInt8Column => new FixedColumn((length) => new Uint8Array(length));
export const uint16Column = (): UInt16Column =>
  new FixedColumn((length) => new Uint16Array(length));
export const uint32Column = (): UInt32Column =>
  new FixedColumn((length) => new Uint32Array(length));
export const uint64Column = (): UInt64Column =>
  new FixedColumn((length) => new Uint32Array(length), 2);
export const float32Column = (): Float32Column =>
  new FixedColumn((length) => new Float32Array(length));
export const float64Column = (): Float64Column =>
  new FixedColumn((length) => new Float64Array(length));
export const fixedStringColumn = (width: number): UInt8Column =>
  new FixedColumn((length) => new Uint8Array(length), width);
