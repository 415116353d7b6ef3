// How a span starts, and the span of another process that it may start under.

import type { SpanKindValue } from '../otlp/names.js';
import type { TraceId } from '../otlp/trace-id.js';

/** A span of another process, as a `traceparent` header names it. */
export interface RemoteParent {
  traceId: TraceId;
  /** The upper 48 bits of its span id. */
  prefix: number;
  /** The lower 16 bits of its span id. */
  sequence: number;
  /** W3C trace flags. */
  flags: number;
  /** The `tracestate` header as it came, or ''. */
  traceState: string;
  /** False where it is a span of this process that the agent does not record. */
  isRemote?: boolean;
}

/** How a span starts. */
export interface SpanStart {
  name: string;
  kind: SpanKindValue;
  /** On the monotonic clock; the present where it is left out. */
  startMs?: number;
  /**
   * `loopIdleMs()` at the start, for a span that is created later than it starts. A client, server or other outward
   * span that starts now reads it itself; an internal one has no share of the loop unless it is given.
   */
  idleStartMs?: number;
}
