// A span inside a request.

import type { TraceId } from '../otlp/trace-id.js';
import { type EntrySpan, Span } from './span.js';
import type { SpanStart } from './span-start.js';

/** Shares trace, prefix and anchor to wall time with its entry. */
export class ChildSpan extends Span {
  declare readonly entry: EntrySpan;
  declare readonly traceId: TraceId;
  /** The entry's `tracestate` holds for all its children; of it only what makes them count for more is sent again. */
  declare traceState: string;
  declare readonly traceFlags: number;
  declare readonly prefix: number;
  declare readonly sequence: number;
  declare readonly parentPrefix: number;
  declare readonly parentSequence: number;
  declare readonly parentIsRemote: boolean;

  constructor(start: SpanStart, parent: Span) {
    super(start);
    const { entry } = parent;
    this.entry = entry;
    this.traceId = entry.traceId;
    const { sample } = entry;
    this.traceState = sample === undefined || sample.threshold === 0 ? '' : sample.member;
    this.traceFlags = entry.traceFlags;
    this.prefix = entry.nextPrefix();
    this.sequence = entry.nextSequence();
    this.parentPrefix = parent.prefix;
    this.parentSequence = parent.sequence;
    this.parentIsRemote = false;
    parent.additions?.adopted(this);
  }

  protected override finish(): void {
    this.additions?.ending();
    this.entry.adopt(this);
  }
}
