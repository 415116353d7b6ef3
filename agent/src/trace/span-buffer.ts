// The encoded spans that wait for the next flush, end to end in one reused buffer.

import { ByteWriter } from '../otlp/byte-writer.js';
import { counters } from '../self/counters.js';
import { collectionNews } from './pauses.js';

/** A batch is handed over when it has come to this. */
const FLUSH_BYTES = 512 * 1024;
const INITIAL_BYTES = 64 * 1024;

/** Collects encoded spans until somebody takes them. */
export class SpanBuffer {
  readonly #out = new ByteWriter(INITIAL_BYTES);
  #spans = 0;
  #onFull: () => void = () => {};

  /** Calls `listener` as soon as the buffer has reached `FLUSH_BYTES`; the listener must take it. */
  onFull(listener: () => void): void {
    this.#onFull = listener;
  }

  get spans(): number {
    return this.#spans;
  }

  /** Where a span may be encoded directly; `added` must follow. */
  get writer(): ByteWriter {
    return this.#out;
  }

  /** Says that `spans` were written to `writer`. */
  added(spans: number): void {
    this.#spans += spans;
    if (this.#out.pos < FLUSH_BYTES) return;
    this.#onFull();
    // Nobody took it: the agent is not exporting, and memory is worth more than these spans.
    if (this.#out.pos >= FLUSH_BYTES) {
      counters.spansDropped += this.#spans;
      this.#reset();
    }
  }

  /**
   * Passes the spans to `use`, with those of requests that waited for news of the garbage collector, as a view that is valid only during the call, and starts anew.
   * Does nothing while there are none.
   */
  take(use: (items: Uint8Array, spans: number) => void): void {
    collectionNews.settle?.();
    if (this.#spans === 0) return;
    const spans = this.#spans;
    use(this.#out.buf.subarray(0, this.#out.pos), spans);
    this.#reset();
  }

  #reset(): void {
    this.#out.clear();
    this.#spans = 0;
  }
}

/** The one buffer of this process, which spans fill and the exporter takes. */
export const spanBuffer = new SpanBuffer();
