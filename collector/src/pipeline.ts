// The way of a request: decoded into the open block, the block closed and spooled, and only then answered.
import { BlockTables } from './decode/block.js';
import type { Decoder } from './decode/decoder.js';
import type { BatchResult } from './receive/batches.js';
import type { StoreRequest } from './receive/routes.js';
import type { Clock, Timer } from './self/clock.js';
import type { Counters } from './self/counters.js';
import { VenturiError } from './self/errors.js';
import type { ReceiptBatch } from './spool/receipt.js';
import type { SpoolBlock } from './spool/spool.js';

export interface PipelineOptions {
  decoder: Decoder;
  spool: { readonly bytes: number; write(block: SpoolBlock): Promise<void> };
  /** Called after each block that was spooled. */
  spooled(): void;
  limits: {
    blockIntervalMs: number;
    blockBytesMax: number;
    blocksPendingMax: number;
    spoolBytesMax: number;
    /** Rows of one Native block. */
    insertRows: number;
  };
  clock: Clock;
  counters: Counters;
}

/** A block that takes rows, and the requests that wait for it. */
interface OpenBlock {
  tables: BlockTables;
  batches: ReceiptBatch[];
  closing: Timer;
  spooled: Promise<void>;
  settle: { resolve(): void; reject(error: unknown): void };
}

export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #free: BlockTables[] = [];
  readonly #pending = new Set<Promise<void>>();
  #open: OpenBlock | undefined;
  #draining = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Stores a request's rows; resolves when they are durable. Throws what the sender is to be told. */
  async store(request: Parameters<StoreRequest>[0]): Promise<BatchResult> {
    const { decoder, limits } = this.#options;
    this.#checkRoom();
    const block = this.#open ?? this.#openBlock();
    const { signal, body } = request;
    const { accepted, rejected, message } = decoder.decode(signal, body, block.tables);
    if (request.key !== undefined) block.batches.push([request.key, rejected]);
    else if (accepted === 0) return { rejected, message };
    if (block.tables.bytes() >= limits.blockBytesMax) this.#close();
    await block.spooled;
    return { rejected, message };
  }

  /** Refuses new requests from now on, closes the open block and resolves when all is spooled. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#close();
    await Promise.allSettled(this.#pending);
  }

  #checkRoom(): void {
    const { spool, limits } = this.#options;
    if (this.#draining) throw new VenturiError('SHUTTING_DOWN');
    if (spool.bytes >= limits.spoolBytesMax) throw new VenturiError('SPOOL_FULL');
    if (this.#pending.size >= limits.blocksPendingMax) {
      throw new VenturiError('SPOOL_WRITE_FAILED', { detail: 'the disk is behind' });
    }
  }

  #openBlock(): OpenBlock {
    const { limits, clock } = this.#options;
    const tables = this.#free.pop() ?? new BlockTables(limits.insertRows);
    let settle: OpenBlock['settle'] = { resolve: () => undefined, reject: () => undefined };
    const spooled = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // A request that turned out malformed does not wait, so that nobody may be listening.
    spooled.catch(() => undefined);
    const closing = clock.after(limits.blockIntervalMs, () => this.#close());
    this.#open = { tables, batches: [], closing, spooled, settle };
    return this.#open;
  }

  #close(): void {
    const block = this.#open;
    if (!block) return;
    this.#open = undefined;
    block.closing.cancel();
    const writing = this.#write(block).finally(() => this.#pending.delete(writing));
    this.#pending.add(writing);
  }

  async #write(block: OpenBlock): Promise<void> {
    const { decoder, spool, counters, spooled } = this.#options;
    const { tables, batches } = block;
    try {
      const written = tables.write().map(({ table, rows, chunks, bytes }) => ({
        table,
        rows,
        bytes: Buffer.concat(chunks, bytes),
      }));
      // A block without rows is written as well where it has batches: they must not be stored later.
      if (written.length > 0 || batches.length > 0) await spool.write({ tables: written, batches });
      block.settle.resolve();
      spooled();
    } catch (error) {
      decoder.lost(tables);
      counters.add('blocksFailed');
      block.settle.reject(error);
    } finally {
      this.#recycle(tables);
    }
  }

  /** Keeps a block's memory for the next one, unless a burst has made it large. */
  #recycle(tables: BlockTables): void {
    const { limits } = this.#options;
    const isLarge = tables.bytes() > 2 * limits.blockBytesMax;
    if (isLarge || this.#free.length >= limits.blocksPendingMax) return;
    tables.reset();
    this.#free.push(tables);
  }
}
