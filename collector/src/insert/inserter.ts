// Sends spooled files to ClickHouse: when there are enough rows, when they are old enough, or when asked.

import { TABLE_NAMES, TABLES, type TableName } from '../schema/columns.js';
import type { Clock, Timer } from '../self/clock.js';
import type { Counters } from '../self/counters.js';
import { VenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';
import { Attempts } from './attempts.js';
import { type Pace, pickBatch, waitingMax } from './batch.js';
import type { InsertableFile, InsertSource, InsertTarget } from './source.js';

export interface InserterOptions<File extends InsertableFile> {
  source: InsertSource<File>;
  target: InsertTarget;
  /** Rows that make an insert at once, and the most that one holds unless a single file has more. */
  insertRows: number;
  /** Age at which rows are inserted however few they are; asked anew each time. Milliseconds. */
  intervalMs(): number;
  retryMinMs: number;
  retryMaxMs: number;
  clock: Clock;
  counters: Counters;
  log: Log;
}

interface Waiter {
  order: number;
  resolve(): void;
}

/** Longest wait for an insert that is under way when everything stops. */
const stopTimeoutMs = 2000;

export class Inserter<File extends InsertableFile> {
  readonly #options: InserterOptions<File>;
  readonly #attempts: Attempts<File>;
  #waiters: Waiter[] = [];
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: InserterOptions<File>) {
    this.#options = options;
    this.#attempts = new Attempts(options);
  }

  /** Looks whether something is due; to be called when a block was spooled or somebody watches. */
  wake(): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again) this.wake();
      else this.#settleAndSchedule();
    });
  }

  /** Resolves when everything that is in the spool now is in ClickHouse or was set aside. */
  flush(): Promise<void> {
    const { order } = this.#options.source;
    // Somebody waits, so that what failed before is tried at once and not at its time.
    this.#attempts.forgetWaits();
    return new Promise((resolve) => {
      this.#waiters.push({ order, resolve });
      this.wake();
    });
  }

  /** As `flush`, but rejects with FLUSH_TIMEOUT after `timeoutMs`; the rows stay in the spool then. */
  async flushWithin(timeoutMs: number): Promise<void> {
    let timer: Timer | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = this.#options.clock.after(timeoutMs, () => reject(new VenturiError('FLUSH_TIMEOUT')));
    });
    try {
      await Promise.race([this.flush(), late]);
    } finally {
      timer?.cancel();
    }
  }

  /**
   * Starts nothing new and waits for the insert that is under way, but not for ever: it may have
   * happened or not, and its token makes the next run's attempt safe.
   */
  async stop(timeoutMs = stopTimeoutMs): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await Promise.race([this.#running, this.#options.clock.sleep(timeoutMs)]);
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      for (const table of TABLE_NAMES) await this.#drain(table);
      this.#settle();
    }
  }

  /** Inserts what is due of one table, file after file. */
  async #drain(table: TableName): Promise<void> {
    for (;;) {
      if (this.#stopped) return;
      const batch = pickBatch(this.#options.source.files(table), this.#attempts, this.#pace());
      if (batch.length === 0) return;
      try {
        await this.#insert(await this.#seal(batch));
      } catch (error) {
        // The spool could not seal or remove: the disk is in trouble, and the next pass tries again.
        this.#options.log.error({ err: error, table }, 'the spool could not be drained');
        this.#attempts.holdAll();
        return;
      }
    }
  }

  /** Seals a batch; without space for a copy, its first file alone, which needs none. */
  async #seal(batch: readonly File[]): Promise<File> {
    const { source, log } = this.#options;
    try {
      return await source.seal(batch);
    } catch (error) {
      if (batch.length === 1) throw error;
      log.warn({ err: error }, 'spool files could not be joined, so the first is sent alone');
      return await source.seal(batch.slice(0, 1));
    }
  }

  async #insert(file: File): Promise<void> {
    const { source, target, counters, log } = this.#options;
    try {
      await target.insertNative({
        table: `venturi.${file.table}`,
        columns: TABLES[file.table].map(({ name }) => name),
        source: { file: file.path },
        token: file.token,
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (isRetryable(error)) {
        counters.add('insertsRetried');
        const waitMs = this.#attempts.failed(file);
        log.warn({ table: file.table, token: file.token, waitMs, message }, 'an insert failed');
      } else {
        this.#attempts.done(file);
        await source.reject(file, message);
      }
      return;
    }
    this.#attempts.done(file);
    counters.add('insertsDone');
    counters.add('rowsInserted', file.rows);
    await source.inserted(file);
  }

  #pace(): Pace {
    const { insertRows, intervalMs, clock } = this.#options;
    const orderWanted = this.#waiters.reduce((most, waiter) => Math.max(most, waiter.order), 0);
    return { insertRows, intervalMs: intervalMs(), orderWanted, now: clock.now() };
  }

  #settle(): void {
    const { source } = this.#options;
    const oldest = TABLE_NAMES.flatMap((table) => source.files(table).map((file) => file.order));
    const first = Math.min(...oldest, Number.POSITIVE_INFINITY);
    const done = this.#waiters.filter((waiter) => waiter.order < first);
    this.#waiters = this.#waiters.filter((waiter) => waiter.order >= first);
    for (const waiter of done) waiter.resolve();
  }

  #settleAndSchedule(): void {
    this.#settle();
    if (this.#stopped) return;
    const dueAt = this.#nextDue();
    if (dueAt === undefined) return;
    const { clock } = this.#options;
    this.#timer = clock.after(Math.max(1, dueAt - clock.now()), () => this.wake());
  }

  /** When the next file is due, in milliseconds since the epoch; undefined with an empty spool. */
  #nextDue(): number | undefined {
    const { source, intervalMs } = this.#options;
    let dueAt: number | undefined;
    for (const table of TABLE_NAMES) {
      for (const file of source.files(table)) {
        const tried = this.#attempts.waitsUntil(file);
        if (tried === undefined && this.#attempts.waiting >= waitingMax) continue;
        const at = Math.max(tried ?? file.spooledAt + intervalMs(), this.#attempts.heldUntil);
        if (dueAt === undefined || at < dueAt) dueAt = at;
      }
    }
    return dueAt;
  }
}

/** A lost connection and the like may pass; what is not a typed error is taken for that too. */
function isRetryable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('retryable' in error)) return true;
  return error.retryable !== false;
}
