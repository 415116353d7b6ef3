// The sidecar of a block: once it is on disk, the block's files count; without it they were never acknowledged.
import { crc32 } from 'node:zlib';
import { TABLE_NAMES, type TableName } from '../schema/columns.js';

export interface ReceiptFile {
  table: TableName;
  /** Name of the file within the table's folder. */
  name: string;
  bytes: number;
  rows: number;
  crc32: number;
}

/** A batch key (`venturi-batch`) of a request in the block, and how many items of it were rejected. */
export type ReceiptBatch = readonly [key: string, rejected: number];

export interface Receipt {
  schemaVersion: number;
  /** When the block was closed, in milliseconds since the epoch. */
  at: number;
  batches: readonly ReceiptBatch[];
  files: readonly ReceiptFile[];
}

/** One line of JSON and one with its CRC32, so that a torn one is told from a whole one. */
export function encodeReceipt(receipt: Receipt): Buffer {
  const json = JSON.stringify(receipt);
  return Buffer.from(`${json}\n${crc32(json).toString(16)}\n`);
}

/** Undefined where the bytes are torn or not a receipt. */
export function decodeReceipt(bytes: Buffer): Receipt | undefined {
  const [json, sum, rest] = bytes.toString('utf8').split('\n');
  if (json === undefined || rest !== '' || crc32(json).toString(16) !== sum) return undefined;
  try {
    const parsed: unknown = JSON.parse(json);
    return isReceipt(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== 'object' || value === null) return false;
  const { at, batches, files } = value as Record<string, unknown>;
  return (
    typeof at === 'number' && Array.isArray(batches) && Array.isArray(files) && files.every(isFile)
  );
}

function isFile(value: unknown): value is ReceiptFile {
  const { table, name, bytes, rows } = (value ?? {}) as Record<string, unknown>;
  return (
    TABLE_NAMES.includes(table as TableName) &&
    typeof name === 'string' &&
    typeof bytes === 'number' &&
    typeof rows === 'number'
  );
}
