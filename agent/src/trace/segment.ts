// The children of one local root that have ended before it, where it is not certain that the request is kept.

import { encodeSpan, type SpanRecord } from '../otlp/span.js';
import { spanBuffer } from './span-buffer.js';

/** A segment of this weight is committed before its root ends, which bounds what one request can hold. */
const SEGMENT_WEIGHT_MAX = 128;
/** In spans: a stack, or what an application has added, may be as long as several spans are. */
const EVENT_WEIGHT = 8;
const ADDITIONS_WEIGHT = 8;
const ROOT_SEQUENCE = 1;

/** A span that has ended, as a link of a segment's chain. */
export interface EndedSpan extends SpanRecord {
  /** The one that ended after it. Only the segment writes to it. */
  nextEnded: EndedSpan | undefined;
}

/** Goes to the batch when the root ends. Nothing is encoded before, so what is not kept costs next to nothing. */
export class Segment {
  private first: EndedSpan | undefined;
  private last: EndedSpan | undefined;
  private spans: number;
  private weight: number;

  constructor() {
    this.first = undefined;
    this.last = undefined;
    this.spans = 0;
    this.weight = 0;
  }

  /** Takes a child that has ended. */
  add(span: EndedSpan): void {
    if (this.last === undefined) this.first = span;
    else this.last.nextEnded = span;
    this.last = span;
    this.spans++;
    this.weight++;
    if (span.events !== undefined) this.weight += EVENT_WEIGHT * span.events.length;
    if (span.additions !== undefined) this.weight += ADDITIONS_WEIGHT;
    if (this.weight >= SEGMENT_WEIGHT_MAX) this.commit();
  }

  /** Forgets what there is. @returns the number of spans */
  discard(): number {
    const { spans } = this;
    this.first = undefined;
    this.last = undefined;
    this.spans = 0;
    this.weight = 0;
    return spans;
  }

  /** Gives those that have one tracestate another. */
  retrace(before: string, after: string): void {
    for (let span = this.first; span !== undefined; span = span.nextEnded) {
      if (span.traceState === before) span.traceState = after;
    }
  }

  /** Encodes what there is into the batch. */
  commit(): void {
    for (let span = this.first; span !== undefined; span = span.nextEnded) {
      encode(span);
    }
    spanBuffer.added(this.discard());
  }
}

/** Encodes a span that has no segment to wait in. */
export function commitSpan(span: SpanRecord): void {
  encode(span);
  spanBuffer.added(1);
}

/**
 * Lets go of what only the encoding needed. The span itself lives on in the context of what it started: a connection
 * that is kept alive holds the last request that came over it.
 */
function encode(span: SpanRecord): void {
  encodeSpan(spanBuffer.writerOf(span.additions?.scope), span);
  span.events = undefined;
  span.paidSums = undefined;
  // The path of a request that has no route is what a wait for its connection is told by.
  if (span.sequence !== ROOT_SEQUENCE) span.attributes = undefined;
}
