// The spool: what was acknowledged and is not in ClickHouse yet, as a folder of Native files per table.
//
//   <folder>/spans/<epoch>.<seq>.native                      written with its block, never sent
//   <folder>/spans/<epoch>.<first>-<last>.<rows>.<crc>.native  sealed: its name is its deduplication token
//   <folder>/blocks/<epoch>.<seq>.receipt                    the block's files count from here on
//   <folder>/rejected/                                       what could not be stored, and why
import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SCHEMA_VERSION, TABLE_NAMES, type TableName } from '../schema/columns.js';
import type { Clock, Timer } from '../self/clock.js';
import type { Counters } from '../self/counters.js';
import { VenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';
import { joinFiles, removeQuietly, renameDurably, syncFolder, writeDurably } from './disk.js';
import { fileName, newEpoch, parseName, type SealedName, token } from './names.js';
import type { ReceiptBatch, ReceiptFile } from './receipt.js';
import { Receipts } from './receipts.js';
import { receiptFolder, recover, temporaryExtension } from './recovery.js';
import { RejectedFolder } from './rejected.js';
import type { SpoolFile } from './spool-file.js';

export interface SpoolOptions {
  /** Created where it does not exist. */
  folder: string;
  /** How long batch keys are remembered across a restart, in milliseconds. */
  batchWindowMs: number;
  clock: Clock;
  counters: Counters;
  log: Log;
}

/** A closed block: Native bytes per table, and the batches whose requests wait for it. */
export interface SpoolBlock {
  tables: readonly { table: TableName; rows: number; bytes: Uint8Array }[];
  batches: readonly ReceiptBatch[];
}

/** What is known of a file on disk. */
interface StoredFile {
  name: string;
  rows: number;
  bytes: number;
  crc32: number;
  spooledAt: number;
}

const sweepIntervalMs = 15_000;

export class Spool {
  readonly #options: SpoolOptions;
  readonly #epoch: string;
  readonly #receipts: Receipts;
  readonly #rejected: RejectedFolder;
  readonly #files = new Map<TableName, SpoolFile[]>(TABLE_NAMES.map((table) => [table, []]));
  readonly #sweeping: Timer;
  #writing: Promise<void> = Promise.resolve();
  #seq = 0;
  #order = 0;
  #bytes = 0;

  /** Use `openSpool`. */
  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#epoch = newEpoch(options.clock.now());
    this.#receipts = new Receipts(options.folder, options.clock, options.batchWindowMs);
    this.#rejected = new RejectedFolder(join(options.folder, 'rejected'), options.log);
    this.#sweeping = options.clock.every(sweepIntervalMs, () => void this.sweep());
  }

  /** Bytes of all files that wait for ClickHouse. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The `order` of the newest file; everything acknowledged so far is at or below it. */
  get order(): number {
    return this.#order;
  }

  /** Files of a table in the order in which they were spooled. */
  files(table: TableName): readonly SpoolFile[] {
    return this.#files.get(table) ?? [];
  }

  /**
   * Writes a block. When this resolves, no crash can lose it; when it throws SPOOL_WRITE_FAILED,
   * nothing of it counts, and its requests must not be acknowledged.
   */
  write(block: SpoolBlock): Promise<void> {
    // One after the other: a sealed name covers a range of files, so none may turn up inside it later.
    const written = this.#writing.then(() => this.#write(block));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(block: SpoolBlock): Promise<void> {
    const at = this.#options.clock.now();
    const written: ReceiptFile[] = [];
    try {
      for (const { table, rows, bytes } of block.tables) {
        const name = fileName({ kind: 'fresh', epoch: this.#epoch, seq: this.#nextSeq() });
        written.push({ table, name, rows, bytes: bytes.length, crc32: crc32(bytes) });
        await writeDurably(this.#path(table, name), bytes);
      }
      for (const table of new Set(written.map((file) => file.table))) {
        await syncFolder(join(this.#options.folder, table));
      }
      const receipt = { schemaVersion: SCHEMA_VERSION, at, batches: block.batches, files: written };
      await this.#receipts.write(
        token({ kind: 'fresh', epoch: this.#epoch, seq: this.#nextSeq() }),
        receipt,
      );
    } catch (cause) {
      for (const { table, name } of written) await removeQuietly(this.#path(table, name));
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new VenturiError('SPOOL_WRITE_FAILED', { detail, cause });
    }
    for (const file of written) this.#add(file.table, { ...file, spooledAt: at });
    this.#count(written);
  }

  /**
   * Lays files of one table and epoch end to end under a name that covers them, durably; from here on
   * they are one file that may have been sent. A file that is sealed already is returned as it is.
   */
  async seal(files: readonly SpoolFile[]): Promise<SpoolFile> {
    const [first] = files;
    const last = files[files.length - 1];
    if (!first || !last) throw new Error('nothing to seal');
    if (first.name.kind === 'sealed' || last.name.kind === 'sealed') return first;
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const { epoch, seq: firstSeq } = first.name;
    const range = { epoch, firstSeq, lastSeq: last.name.seq, rows };
    // One file is only renamed, which works on a full disk as well.
    const temporary = files.length === 1 ? undefined : `${first.path}${temporaryExtension}`;
    const sum = temporary === undefined ? first.crc32 : await joinQuietly(files, temporary);
    const name: SealedName = { kind: 'sealed', ...range, crc32: sum };
    const path = this.#path(first.table, fileName(name));
    const source = temporary ?? first.path;
    await renameDurably(source, path).catch(async (error: unknown) => {
      // The members are what counts still; a second name for their rows must not stay.
      await rename(path, source).catch(() => undefined);
      throw error;
    });
    if (temporary !== undefined) for (const member of files) await removeQuietly(member.path);
    return this.#replace(files, { name, path, rows, crc32: sum });
  }

  /** ClickHouse has answered for a sealed file: it goes. */
  async inserted(file: SpoolFile): Promise<void> {
    this.#remove(file);
    await removeQuietly(file.path);
  }

  /** A file that can never be stored is set aside, counted, and the next one is not kept waiting. */
  async reject(file: SpoolFile, reason: string): Promise<void> {
    this.#remove(file);
    this.#options.counters.add('filesRejected');
    this.#options.counters.add('rowsRejected', file.rows);
    await this.#rejected.take(file.path, { label: file.table, reason });
  }

  /** Reads what an earlier life left; returns the batches that a sender may still retry. */
  async recover(): Promise<ReceiptBatch[]> {
    const { folder, clock, batchWindowMs, counters, log } = this.#options;
    const found = await recover(folder);
    for (const { path, reason } of found.torn) {
      counters.add('filesRejected');
      await this.#rejected.take(path, { label: basename(dirname(path)), reason });
    }
    for (const file of found.files) {
      this.#add(file.table, { ...file, name: fileName(file.name) });
    }
    const present = new Set(found.files.map(({ table, name }) => `${table}/${fileName(name)}`));
    const since = clock.now() - batchWindowMs;
    const batches: ReceiptBatch[] = [];
    for (const { path, receipt } of found.receipts) {
      const names = receipt.files.map(({ table, name }) => `${table}/${name}`);
      this.#receipts.keep(path, receipt, new Set(names.filter((name) => present.has(name))));
      if (receipt.at >= since) batches.push(...receipt.batches);
    }
    if (found.files.length > 0) {
      log.info(
        { files: found.files.length, bytes: this.#bytes },
        'the spool has files of an earlier run',
      );
    }
    return batches;
  }

  /** Removes receipts that are no longer needed; runs by itself. */
  async sweep(): Promise<void> {
    await this.#receipts.sweep();
  }

  close(): void {
    this.#sweeping.cancel();
  }

  #nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  #path(table: TableName, name: string): string {
    return join(this.#options.folder, table, name);
  }

  #add(table: TableName, about: StoredFile): void {
    const name = parseName(about.name);
    if (!name) throw new Error(`not the name of a spool file: ${about.name}`);
    this.#order += 1;
    this.#bytes += about.bytes;
    this.#files.get(table)?.push({
      table,
      name,
      path: this.#path(table, about.name),
      token: token(name),
      rows: about.rows,
      bytes: about.bytes,
      crc32: about.crc32,
      spooledAt: about.spooledAt,
      order: this.#order,
    });
  }

  #replace(
    files: readonly SpoolFile[],
    sealed: { name: SealedName; path: string; rows: number; crc32: number },
  ): SpoolFile {
    const first = files[0] as SpoolFile;
    const last = files[files.length - 1] as SpoolFile;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const file: SpoolFile = {
      ...first,
      ...sealed,
      token: token(sealed.name),
      bytes,
      order: last.order,
    };
    const list = this.#files.get(first.table) ?? [];
    list.splice(list.indexOf(first), files.length, file);
    for (const member of files) this.#receipts.closed(`${member.table}/${fileName(member.name)}`);
    return file;
  }

  #remove(file: SpoolFile): void {
    const list = this.#files.get(file.table) ?? [];
    const at = list.indexOf(file);
    if (at < 0) return;
    list.splice(at, 1);
    this.#bytes -= file.bytes;
    this.#receipts.closed(`${file.table}/${fileName(file.name)}`);
  }

  #count(written: readonly ReceiptFile[]): void {
    const { counters } = this.#options;
    counters.add('blocksSpooled');
    for (const { rows, bytes } of written) {
      counters.add('rowsSpooled', rows);
      counters.add('bytesSpooled', bytes);
    }
  }
}

/** Opens the spool, creating its folders. Throws DATA_DIR_UNUSABLE where that is not possible. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  try {
    for (const name of [...TABLE_NAMES, receiptFolder, 'rejected']) {
      await mkdir(join(options.folder, name), { recursive: true, mode: 0o700 });
    }
    await syncFolder(options.folder);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new VenturiError('DATA_DIR_UNUSABLE', { detail, cause });
  }
  return new Spool(options);
}

/** Copies the files into a temporary one and returns its CRC32; leaves nothing behind if that fails. */
async function joinQuietly(files: readonly SpoolFile[], temporary: string): Promise<number> {
  try {
    return await joinFiles(
      files.map((file) => file.path),
      temporary,
    );
  } catch (error) {
    await removeQuietly(temporary);
    throw error;
  }
}
