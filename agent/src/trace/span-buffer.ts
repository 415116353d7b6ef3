// The encoded spans that wait for the next flush, end to end in one reused buffer.

import { ByteWriter } from '../otlp/byte-writer.js';
import type { Scope, ScopedItems } from '../otlp/scope.js';
import { counters } from '../self/counters.js';
import { collectionNews } from './pauses.js';

/** A batch is handed over when it has come to this: somewhat less than the half megabyte that the buffer grows to. */
const FLUSH_BYTES = 480 * 1024;
const INITIAL_BYTES = 64 * 1024;
const INITIAL_SCOPE_BYTES = 2048;
const NO_OTHERS: readonly ScopedItems[] = [];

/** Collects encoded spans until somebody takes them. */
export class SpanBuffer {
  /** The agent's own. */
  readonly #out = new ByteWriter(INITIAL_BYTES);
  /** Those of the application's tracers; undefined while there are none. */
  #others: Map<Scope, ByteWriter> | undefined;
  #spans = 0;
  #total = 0;
  #onFull: () => void = () => {};

  /** Calls `listener` as soon as the buffer has reached `FLUSH_BYTES`; the listener must take it. */
  onFull(listener: () => void): void {
    this.#onFull = listener;
  }

  /** Spans since the process started. */
  get total(): number {
    return this.#total;
  }

  get spans(): number {
    return this.#spans;
  }

  /** Where spans of a scope may be encoded directly; `added` must follow. The agent's own have the scope undefined. */
  writerOf(scope: Scope | undefined): ByteWriter {
    if (scope === undefined) return this.#out;
    this.#others ??= new Map();
    let writer = this.#others.get(scope);
    if (writer === undefined) {
      writer = new ByteWriter(INITIAL_SCOPE_BYTES);
      this.#others.set(scope, writer);
    }
    return writer;
  }

  /** Says that `spans` were written. */
  added(spans: number): void {
    this.#spans += spans;
    this.#total += spans;
    if (this.#bytes() < FLUSH_BYTES) return;
    this.#onFull();
    // Nobody took it: the agent is not exporting, and memory is worth more than these spans.
    if (this.#bytes() >= FLUSH_BYTES) {
      counters.spansDropped += this.#spans;
      this.#reset();
    }
  }

  /**
   * Passes the spans to `use`, with those of requests that waited for news of the garbage collector, as views that are
   * valid only during the call, and starts anew. Does nothing while there are none.
   */
  take(use: (items: Uint8Array, spans: number, others: readonly ScopedItems[]) => void): void {
    collectionNews.settle?.();
    if (this.#spans === 0) return;
    const spans = this.#spans;
    use(written(this.#out), spans, this.#scoped());
    this.#reset();
  }

  #bytes(): number {
    let bytes = this.#out.pos;
    if (this.#others !== undefined) for (const { pos } of this.#others.values()) bytes += pos;
    return bytes;
  }

  #scoped(): readonly ScopedItems[] {
    if (this.#others === undefined) return NO_OTHERS;
    return [...this.#others]
      .filter(([, writer]) => writer.pos > 0)
      .map(([scope, writer]) => ({ scope, items: written(writer) }));
  }

  #reset(): void {
    this.#out.clear();
    this.#spans = 0;
    if (this.#others === undefined) return;
    for (const [scope, writer] of this.#others) {
      // A tracer that was silent for a whole flush may never speak again.
      if (writer.pos === 0) this.#others.delete(scope);
      else writer.clear();
    }
  }
}

function written({ buf, pos }: ByteWriter): Uint8Array {
  return buf.subarray(0, pos);
}

/** The one buffer of this process, which spans fill and the exporter takes. */
export const spanBuffer = new SpanBuffer();
