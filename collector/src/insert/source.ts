// What the inserter needs of the spool and of ClickHouse; the composition root brings both.
import type { TableName } from '../schema/columns.js';

export interface InsertableFile {
  readonly table: TableName;
  /** Files of one epoch only are laid together. Sealed ones never. */
  readonly name: { readonly kind: 'fresh' | 'sealed'; readonly epoch: string };
  readonly path: string;
  readonly token: string;
  readonly rows: number;
  readonly bytes: number;
  readonly spooledAt: number;
  readonly order: number;
}

export interface InsertSource<File extends InsertableFile> {
  /** The `order` of the newest file. */
  readonly order: number;
  /** Oldest first. */
  files(table: TableName): readonly File[];
  /** Makes one file of these, durably under the name that is its token. */
  seal(files: readonly File[]): Promise<File>;
  inserted(file: File): Promise<void>;
  reject(file: File, reason: string): Promise<void>;
}

export interface InsertTarget {
  /** Rejects with an error whose `retryable` says whether the same file may go in later. */
  insertNative(insert: {
    table: string;
    columns: readonly string[];
    source: { file: string };
    token: string;
  }): Promise<void>;
}
