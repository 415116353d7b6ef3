// A file in the spool, as the spool and the inserter speak of it.
import type { TableName } from '../schema/columns.js';
import type { SpoolName } from './names.js';

export interface SpoolFile {
  readonly table: TableName;
  readonly name: SpoolName;
  /** Absolute. */
  readonly path: string;
  /** `insert_deduplication_token`, once the file is sealed. */
  readonly token: string;
  readonly rows: number;
  readonly bytes: number;
  readonly crc32: number;
  /** When its oldest rows were spooled, in milliseconds since the epoch. */
  readonly spooledAt: number;
  /** Grows with each file of this process; a sealed file has that of its last member. */
  readonly order: number;
}
