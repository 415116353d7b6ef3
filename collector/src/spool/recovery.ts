// What a start finds in the spool: the folder is the truth, and what is torn or unknown is set aside.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableName } from '../schema/columns.js';
import { TABLE_NAMES } from '../schema/columns.js';
import { fileCrc32, removeQuietly } from './disk.js';
import { covers, parseName, type SealedName, type SpoolName, token } from './names.js';
import { decodeReceipt, type Receipt, type ReceiptFile } from './receipt.js';

interface FoundFile {
  table: TableName;
  name: SpoolName;
  path: string;
  rows: number;
  bytes: number;
  crc32: number;
  spooledAt: number;
}

interface FoundReceipt {
  path: string;
  receipt: Receipt;
}

export interface Recovered {
  /** In the order in which they were spooled. */
  files: FoundFile[];
  receipts: FoundReceipt[];
  /** Files to set aside, each with the reason. */
  torn: { path: string; reason: string }[];
}

export const receiptFolder = 'blocks';
export const receiptExtension = '.receipt';
export const temporaryExtension = '.tmp';

/** Reads the spool's folders. Nothing is removed but unfinished copies and what a sealed file holds. */
export async function recover(folder: string): Promise<Recovered> {
  const found: Recovered = { files: [], receipts: [], torn: [] };
  await readReceipts(folder, found);
  const known = new Map<string, { file: ReceiptFile; at: number }>();
  for (const { receipt } of found.receipts) {
    for (const file of receipt.files)
      known.set(`${file.table}/${file.name}`, { file, at: receipt.at });
  }
  for (const table of TABLE_NAMES) await readTable({ folder, table, known, found });
  // An epoch begins with its time, so the order of names is the order of spooling.
  found.files.sort((a, b) => (token(a.name) < token(b.name) ? -1 : 1));
  return found;
}

async function readReceipts(folder: string, found: Recovered): Promise<void> {
  const place = join(folder, receiptFolder);
  for (const entry of (await readdir(place)).sort()) {
    const path = join(place, entry);
    if (!entry.endsWith(receiptExtension)) continue;
    const receipt = decodeReceipt(await readFile(path));
    if (receipt) found.receipts.push({ path, receipt });
    else
      found.torn.push({ path, reason: 'the receipt is torn, so the block was never acknowledged' });
  }
}

interface TableScan {
  folder: string;
  table: TableName;
  known: ReadonlyMap<string, { file: ReceiptFile; at: number }>;
  found: Recovered;
}

async function readTable(scan: TableScan): Promise<void> {
  const place = join(scan.folder, scan.table);
  const sealed: SealedName[] = [];
  const fresh: { entry: string; name: SpoolName & { kind: 'fresh' } }[] = [];
  for (const entry of (await readdir(place)).sort()) {
    const name = parseName(entry);
    if (entry.endsWith(temporaryExtension)) await removeQuietly(join(place, entry));
    else if (name?.kind === 'fresh') fresh.push({ entry, name });
    else if (name?.kind === 'sealed') {
      sealed.push(name);
      await takeSealed(scan, join(place, entry), name);
    }
  }
  for (const { entry, name } of fresh) {
    const path = join(place, entry);
    // The sealed name is durable before its members go, so here they only were not gone yet.
    if (sealed.some((cover) => covers(cover, name))) await removeQuietly(path);
    else await takeFresh(scan, path, { entry, name });
  }
}

async function takeSealed(scan: TableScan, path: string, name: SealedName): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  if ((await fileCrc32(path)) !== name.crc32) {
    scan.found.torn.push({ path, reason: 'the bytes are not those that were sealed' });
    return;
  }
  const { rows, crc32 } = name;
  const { table } = scan;
  scan.found.files.push({ table, name, path, rows, crc32, bytes: size, spooledAt: mtimeMs });
}

async function takeFresh(
  scan: TableScan,
  path: string,
  { entry, name }: { entry: string; name: SpoolName },
): Promise<void> {
  const known = scan.known.get(`${scan.table}/${entry}`);
  if (!known) {
    scan.found.torn.push({
      path,
      reason: 'no receipt names the file, so it was never acknowledged',
    });
    return;
  }
  const { size } = await stat(path);
  const { bytes, crc32 } = known.file;
  if (size !== bytes || (await fileCrc32(path)) !== crc32) {
    scan.found.torn.push({ path, reason: `the bytes are not those that were written (${bytes})` });
    return;
  }
  scan.found.files.push({ ...known.file, name, path, spooledAt: known.at });
}
