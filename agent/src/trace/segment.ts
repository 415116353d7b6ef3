// The encoded spans of one local root that has not ended yet.

import { ByteWriter } from '../otlp/byte-writer.js';
import type { Scope } from '../otlp/scope.js';
import { encodeSpan, type SpanRecord } from '../otlp/span.js';
import { spanBuffer } from './span-buffer.js';

const INITIAL_BYTES = 2048;
/** A segment of this size is committed before its root ends, which bounds what one request can hold. */
const SEGMENT_BYTES_MAX = 64 * 1024;
/** Writers kept for reuse, and the largest that is worth keeping. */
const FREE_MAX = 64;
const FREE_WRITER_BYTES_MAX = 16 * 1024;

const free: ByteWriter[] = [];

/** Neighbours that came from one tracer. */
interface Run {
  scope: Scope | undefined;
  /** Where the next begin. */
  end: number;
}

/** Children of one local root, encoded; goes to the batch when the root ends. */
export class Segment {
  #out: ByteWriter | undefined;
  #spans = 0;
  /** Of the spans at the end of `#out`; undefined for the agent's own. */
  #scope: Scope | undefined;
  /** What lies before them where it came from other tracers; undefined as long as all came from one. */
  #runs: Run[] | undefined;

  /** Encodes an ended child. */
  add(span: SpanRecord): void {
    this.#out ??= free.pop() ?? new ByteWriter(INITIAL_BYTES);
    const scope = span.additions?.scope;
    if (scope !== this.#scope) this.#turnTo(scope, this.#out.pos);
    encodeSpan(this.#out, span);
    this.#spans++;
    if (this.#out.pos >= SEGMENT_BYTES_MAX) this.commit();
  }

  #turnTo(scope: Scope | undefined, pos: number): void {
    this.#runs ??= [];
    this.#runs.push({ scope: this.#scope, end: pos });
    this.#scope = scope;
  }

  /** Forgets what there is. @returns the number of spans */
  discard(): number {
    const spans = this.#spans;
    if (this.#out !== undefined) release(this.#out);
    this.#out = undefined;
    this.#spans = 0;
    this.#runs = undefined;
    this.#scope = undefined;
    return spans;
  }

  /** Puts one text in the place of another that is as long, wherever that occurs. */
  rewrite(before: string, after: string): void {
    const out = this.#out;
    if (out === undefined) return;
    const written = out.buf.subarray(0, out.pos);
    for (let at = written.indexOf(before); at !== -1; at = written.indexOf(before, at + 1)) {
      written.write(after, at, 'latin1');
    }
  }

  /** Moves what there is into the batch and gives the memory back. */
  commit(): void {
    const out = this.#out;
    if (out === undefined) return;
    const spans = this.#spans;
    this.#out = undefined;
    this.#spans = 0;
    let from = 0;
    if (this.#runs !== undefined) {
      for (const { scope, end } of this.#runs) {
        spanBuffer.writerOf(scope).copyFrom(out.buf, from, end);
        from = end;
      }
      this.#runs = undefined;
    }
    spanBuffer.writerOf(this.#scope).copyFrom(out.buf, from, out.pos);
    this.#scope = undefined;
    release(out);
    spanBuffer.added(spans);
  }
}

function release(out: ByteWriter): void {
  out.clear();
  if (free.length < FREE_MAX && out.buf.length <= FREE_WRITER_BYTES_MAX) free.push(out);
}

/** Encodes a span that has no segment to wait in. */
export function commitSpan(span: SpanRecord): void {
  encodeSpan(spanBuffer.writerOf(span.additions?.scope), span);
  spanBuffer.added(1);
}
