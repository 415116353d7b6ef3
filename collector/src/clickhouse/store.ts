// What the rest of the collector knows of ClickHouse: ask it, tell it, insert a block, and nothing else.

interface Column {
  name: string;
  /** ClickHouse's type, such as `DateTime64(3, 'UTC')`. */
  type: string;
}

export interface QueryResult {
  columns: Column[];
  /** One array per row, in the order of `columns`. 64-bit integers that a number cannot hold are text. */
  rows: unknown[][];
  /** From sending the statement to having its answer, in milliseconds. */
  elapsedMs: number;
}

/** A block in ClickHouse's Native format: a file (in the spool, or on any disk for a server), or bytes. */
type NativeSource = { file: string } | { bytes: Buffer };

export interface NativeInsert {
  /** Qualified, such as `venturi.spans`. */
  table: string;
  /** Columns that the block has; the others take their defaults. */
  columns: readonly string[];
  source: NativeSource;
  /** `insert_deduplication_token`: the same token stores the same block once. */
  token: string;
}

export interface StatementOptions {
  /** Longest time that the statement may take; ClickHouse stops it then. */
  timeoutMs?: number;
}

/** Every method rejects with a StoreError. */
export interface Store {
  /** Runs a statement that reads. `params` fill `{name:Type}` placeholders, so values never become SQL. */
  query(
    sql: string,
    params?: Record<string, unknown>,
    options?: StatementOptions,
  ): Promise<QueryResult>;
  /** Runs a statement that answers nothing, such as DDL or INSERT ... VALUES. */
  command(sql: string, options?: StatementOptions): Promise<void>;
  /** Inserts a block exactly once for its token; when it resolves, the block and its rollups are stored. */
  insertNative(insert: NativeInsert): Promise<void>;
  /** Resolves when ClickHouse answers `/ping` within `timeoutMs` (default 2000). */
  ping(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}
