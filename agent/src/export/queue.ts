// The batches that wait to be sent, bounded in number and bytes; when it is full the oldest give way.

/** An encoded export request. */
export interface Batch {
  /** `/v1/traces`, `/v1/metrics` or `/v1/logs`. */
  path: string;
  body: Buffer;
  gzipped: boolean;
  /** The spans or log records inside, for the counters; 0 for metrics. */
  items: number;
  /** Value of the `venturi-batch` header: the same on each attempt, so that none is counted twice. */
  id: string;
  /** Failed attempts so far. */
  attempts: number;
  /** Called where it is given up. */
  onLost?: (() => void) | undefined;
}

/** What the queue may hold. */
export interface QueueLimits {
  bytesMax: number;
  batchesMax: number;
}

/** First in, first out. The owner of a batch is whoever holds it: the queue until it is shifted. */
export class BatchQueue {
  readonly #limits: QueueLimits;
  readonly #onDrop: (batch: Batch) => void;
  readonly #batches: Batch[] = [];
  #bytes = 0;

  /** @param onDrop is told of each batch that gave way */
  constructor(limits: QueueLimits, onDrop: (batch: Batch) => void) {
    this.#limits = limits;
    this.#onDrop = onDrop;
  }

  get size(): number {
    return this.#batches.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a batch. */
  push(batch: Batch): void {
    this.#batches.push(batch);
    this.#bytes += batch.body.length;
    this.#trim();
  }

  /** Puts a batch back that could not be sent; it was the oldest and is the first to give way. */
  unshift(batch: Batch): void {
    this.#batches.unshift(batch);
    this.#bytes += batch.body.length;
    this.#trim();
  }

  /** Takes the oldest. */
  shift(): Batch | undefined {
    const batch = this.#batches.shift();
    if (batch !== undefined) this.#bytes -= batch.body.length;
    return batch;
  }

  #trim(): void {
    const { bytesMax, batchesMax } = this.#limits;
    while (this.#batches.length > 0 && (this.#bytes > bytesMax || this.size > batchesMax)) {
      this.#onDrop(this.shift() as Batch);
    }
  }
}
