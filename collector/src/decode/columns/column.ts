// What every column of a block can do; a row that is never set holds the type's default value.
import type { Sink } from './sink.js';

/**
 * A column in ClickHouse's Native layout. Rows are set in ascending order, at most once each.
 * All memory of rows that are not set is zero, so a default value costs nothing.
 */
export interface Column {
  /** Makes room for `rows` rows. */
  reserve(rows: number): void;
  /** Remembers this state as the one to return to. */
  mark(): void;
  /** Forgets what was set since `mark`; `toRow` is one past the last row that may have been set. */
  rollback(fromRow: number, toRow: number): void;
  /** Forgets all rows, and keeps the memory for the next block. */
  reset(rows: number): void;
  /** Bytes that the column would write for `rows` rows, roughly. */
  bytes(rows: number): number;
  /** Writes what Native puts before the data of a column, once per block. */
  writePrefix(sink: Sink): void;
  /** Writes the data of the first `rows` rows. */
  writeData(sink: Sink, rows: number): void;
}
