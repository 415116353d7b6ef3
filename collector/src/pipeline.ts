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

export interface Pipeline {
  store: StoreRequest;
  /** Refuses new requests from now on, closes the open block and resolves when it is spooled. */
  drain(): Promise<void>;
}

/** A block that takes rows, and the requests that wait for it. */
interface OpenBlock {
  tables: BlockTables;
  batches: ReceiptBatch[];
  closing: Timer;
  spooled: Promise<void>;
  settle: { resolve(): void; reject(error: unknown): void };
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { decoder, spool, limits, clock } = options;
  const free: BlockTables[] = [];
  const pending = new Set<Promise<void>>();
  let open: OpenBlock | undefined;
  let draining = false;

  return { store, drain };

  async function store(request: Parameters<StoreRequest>[0]): Promise<BatchResult> {
    checkRoom();
    const block = open ?? openBlock();
    const { rejected, message } = decoder.decode(request.signal, request.body, block.tables);
    if (request.key !== undefined) block.batches.push([request.key, rejected]);
    if (block.tables.bytes() >= limits.blockBytesMax) close();
    await block.spooled;
    return { rejected, message };
  }

  async function drain(): Promise<void> {
    draining = true;
    close();
    await Promise.allSettled(pending);
  }

  function checkRoom(): void {
    if (draining) throw new VenturiError('SHUTTING_DOWN');
    if (spool.bytes >= limits.spoolBytesMax) throw new VenturiError('SPOOL_FULL');
    if (pending.size >= limits.blocksPendingMax) {
      throw new VenturiError('SPOOL_WRITE_FAILED', { detail: 'the disk is behind' });
    }
  }

  function openBlock(): OpenBlock {
    const tables = free.pop() ?? new BlockTables(limits.insertRows);
    let settle: OpenBlock['settle'] = { resolve: () => undefined, reject: () => undefined };
    const spooled = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // A request that turned out malformed does not wait, so that nobody may be listening.
    spooled.catch(() => undefined);
    const closing = clock.after(limits.blockIntervalMs, close);
    open = { tables, batches: [], closing, spooled, settle };
    return open;
  }

  function close(): void {
    const block = open;
    if (!block) return;
    open = undefined;
    block.closing.cancel();
    const writing = write(block).finally(() => pending.delete(writing));
    pending.add(writing);
  }

  async function write(block: OpenBlock): Promise<void> {
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
      options.spooled();
    } catch (error) {
      decoder.lost(tables);
      options.counters.add('blocksFailed');
      block.settle.reject(error);
    } finally {
      recycle(tables);
    }
  }

  /** Keeps a block's memory for the next one, unless a burst has made it large. */
  function recycle(tables: BlockTables): void {
    const isLarge = tables.bytes() > 2 * limits.blockBytesMax;
    if (isLarge || free.length >= limits.blocksPendingMax) return;
    tables.reset();
    free.push(tables);
  }
}
