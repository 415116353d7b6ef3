// A block of one table while it is filled: rows are added at the end, and a request's rows can be undone.
import type { ColumnSpec } from '../../schema/columns.js';
import type { Column } from './column.js';
import { Sink } from './sink.js';

/** A column's place in the Native header: its name and type, length-prefixed. */
interface Placed {
  readonly header: Buffer;
  readonly column: Column;
}

const rowsAtFirst = 256;

export class Table {
  rows = 0;
  #capacity = 0;
  #markRows = 0;
  readonly #placed: readonly Placed[];

  /** `columns` must hold exactly the names of `specs`; throws otherwise. */
  constructor(specs: readonly ColumnSpec[], columns: Readonly<Record<string, Column>>) {
    this.#placed = specs.map((spec) => {
      const column = columns[spec.name];
      if (!column) throw new Error(`no column is filled for ${spec.name}`);
      return { header: nativeHeader(spec), column };
    });
    if (Object.keys(columns).length !== specs.length) throw new Error('a column has no spec');
    this.#grow(rowsAtFirst);
  }

  /** Makes room for one more row and returns its number; `commitRow` makes it count. */
  openRow(): number {
    if (this.rows >= this.#capacity) this.#grow(this.#capacity * 2);
    return this.rows;
  }

  commitRow(): void {
    this.rows += 1;
  }

  mark(): void {
    this.#markRows = this.rows;
    for (const { column } of this.#placed) column.mark();
  }

  /** Undoes every row since `mark`, the open one too. */
  rollback(): void {
    const toRow = Math.min(this.rows + 1, this.#capacity);
    for (const { column } of this.#placed) column.rollback(this.#markRows, toRow);
    this.rows = this.#markRows;
  }

  reset(): void {
    const toRow = Math.min(this.rows + 1, this.#capacity);
    for (const { column } of this.#placed) column.reset(toRow);
    this.rows = 0;
  }

  /** About how many bytes `write` gives. */
  bytes(): number {
    let sum = 0;
    for (const { column } of this.#placed) sum += column.bytes(this.rows);
    return sum;
  }

  /** The block in ClickHouse's Native format; the chunks borrow the columns' memory. */
  write(): Sink {
    const sink = new Sink();
    sink.addVarint(this.#placed.length);
    sink.addVarint(this.rows);
    for (const { header, column } of this.#placed) {
      sink.add(header);
      column.writePrefix(sink);
      column.writeData(sink, this.rows);
    }
    return sink;
  }

  #grow(capacity: number): void {
    this.#capacity = capacity;
    for (const { column } of this.#placed) column.reserve(capacity);
  }
}

function nativeHeader(spec: ColumnSpec): Buffer {
  const sink = new Sink();
  for (const text of [spec.name, spec.type]) {
    const bytes = Buffer.from(text);
    sink.addVarint(bytes.length);
    sink.add(bytes);
  }
  return Buffer.concat(sink.chunks);
}
