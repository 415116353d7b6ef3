// The tables of one kind in a block: when one holds its rows, the next begins, and all are stored as one.
import type { Table } from './table.js';

/** A table together with whatever finds its columns. */
export interface Filled {
  readonly table: Table;
}

export class Series<T extends Filled> {
  readonly #tables: T[];
  readonly #create: () => T;
  readonly #rowsMax: number;
  #current = 0;
  #markCurrent = 0;

  constructor(create: () => T, rowsMax: number) {
    this.#create = create;
    this.#rowsMax = rowsMax;
    this.#tables = [create()];
  }

  /** The table that takes the next row; ask before each row. */
  writable(): T {
    const table = this.#tables[this.#current] as T;
    if (table.table.rows < this.#rowsMax) return table;
    this.#current += 1;
    const next = this.#tables[this.#current] ?? this.#create();
    this.#tables[this.#current] = next;
    return next;
  }

  mark(): void {
    this.#markCurrent = this.#current;
    (this.#tables[this.#current] as T).table.mark();
  }

  /** Undoes every row since `mark`, over all tables. */
  rollback(): void {
    for (let index = this.#current; index > this.#markCurrent; index -= 1) {
      (this.#tables[index] as T).table.reset();
    }
    this.#current = this.#markCurrent;
    (this.#tables[this.#current] as T).table.rollback();
  }

  /** Empties the first table for reuse and lets go of the others. */
  reset(): void {
    this.#tables.length = 1;
    this.#current = 0;
    (this.#tables[0] as T).table.reset();
  }

  bytes(): number {
    let sum = 0;
    for (const { table } of this.filled()) sum += table.bytes();
    return sum;
  }

  /** The tables that hold rows, in order. */
  filled(): T[] {
    return this.#tables.slice(0, this.#current + 1).filter(({ table }) => table.rows > 0);
  }
}
