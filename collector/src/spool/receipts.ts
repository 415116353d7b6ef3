// The receipts of blocks: kept while a file of the block is in the spool and a sender may still retry.
import { join } from 'node:path';
import type { Clock } from '../self/clock.js';
import { removeQuietly, syncFolder, writeDurably } from './disk.js';
import { encodeReceipt, type Receipt } from './receipt.js';
import { receiptExtension, receiptFolder } from './recovery.js';

interface Kept {
  path: string;
  at: number;
  /** Fresh files of the block that are still in the spool, as `<table>/<name>`. */
  open: Set<string>;
}

export class Receipts {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #kept = new Set<Kept>();
  readonly #byFile = new Map<string, Kept>();

  constructor(folder: string, clock: Clock, windowMs: number) {
    this.#folder = join(folder, receiptFolder);
    this.#clock = clock;
    this.#windowMs = windowMs;
  }

  /** Makes a block count: when this resolves, a crash cannot lose it any more. */
  async write(name: string, receipt: Receipt): Promise<void> {
    const path = join(this.#folder, `${name}${receiptExtension}`);
    try {
      await writeDurably(path, encodeReceipt(receipt));
      await syncFolder(this.#folder);
    } catch (error) {
      await removeQuietly(path);
      throw error;
    }
    this.keep(path, receipt, new Set(receipt.files.map(({ table, name }) => `${table}/${name}`)));
  }

  /** Remembers a receipt of which only the files of `open` are in the spool. */
  keep(path: string, receipt: Receipt, open: Set<string>): void {
    const kept = { path, at: receipt.at, open };
    this.#kept.add(kept);
    for (const file of open) this.#byFile.set(file, kept);
  }

  /** A fresh file (`<table>/<name>`) is no longer in the spool under that name. */
  closed(file: string): void {
    this.#byFile.get(file)?.open.delete(file);
    this.#byFile.delete(file);
  }

  /** Removes receipts that nobody needs any more. */
  async sweep(): Promise<void> {
    const before = this.#clock.now() - this.#windowMs;
    for (const kept of this.#kept) {
      if (kept.open.size > 0 || kept.at > before) continue;
      this.#kept.delete(kept);
      await removeQuietly(kept.path);
    }
  }
}
