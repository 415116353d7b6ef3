// A span from its start to its encoding, and the local root that carries what its request paid.

import type { AttributeValue } from '../otlp/attribute.js';
import { AttributeList } from '../otlp/attribute-list.js';
import { ATTR, SpanKind, type SpanKindValue, StatusCode } from '../otlp/names.js';
import type { SpanEvent } from '../otlp/span.js';
import type { TraceId } from '../otlp/trace-id.js';
import { counters } from '../self/counters.js';
import type { Additions } from './additions.js';
import { latest, loopIdleMs, now, wallOffsetMs } from './clock.js';
import { type ContextOf, ContextOfItself } from './context-of.js';
import { errorType, exceptionEvent } from './exception.js';
import { heapAtStartBytes, heapGrowthBytes } from './heap-growth.js';
import { newPrefix, newTraceId, spanIdHex } from './ids.js';
import { type Linked, LinkedSet } from './linked-set.js';
import { Paid, setFindings } from './paid.js';
import { collectionNews, heartbeat, overlapBlockedMs, overlapGcMs } from './pauses.js';
import { routeName } from './route-name.js';
import type { Sample } from './sample.js';
import { commitSpan, type EndedSpan, Segment } from './segment.js';
import type { RemoteParent, SpanStart } from './span-start.js';
import type { Step } from './step.js';
import type { Unanswered } from './unanswered.js';
import { weigh } from './weigh.js';

const ATTRIBUTES_MAX = 64;
const EVENTS_MAX = 8;
const SEQUENCE_MAX = 0xffff;
const IDLE_UNKNOWN = -1;
/** Beyond this the oldest are forgotten, since a request that never ends must not hold memory for ever. */
const OPEN_ENTRIES_MAX = 10_000;
/** A request that took less cannot have paid for a collection that anybody would notice. */
const GC_WORTH_AWAITING_MS = 1;

/** The W3C flags of a trace that starts here: sampled, and its id is random. */
const FLAGS_SAMPLED_RANDOM = 0x03;

/** The context of the running code. */
export type ActiveContext = ContextOf<Span>;

/** An operation of a request. Created by the tracer only; after `end` it is bytes, and changes are ignored. */
export abstract class Span extends ContextOfItself<Span> implements EndedSpan {
  // Fields are declared here and set in the constructors: initializers are functions of their own that V8 does not
  // inline, and with private names they came to a tenth of what a small request costs.
  declare name: string;
  declare readonly kind: SpanKindValue;
  /** On the monotonic clock. */
  declare readonly startMs: number;
  declare ended: boolean;
  abstract readonly traceId: TraceId;
  abstract traceState: string;
  abstract readonly traceFlags: number;
  /** The upper 48 bits of the span id. */
  abstract readonly prefix: number;
  /** The lower 16 bits of the span id. */
  abstract readonly sequence: number;
  abstract readonly parentPrefix: number;
  abstract readonly parentSequence: number;
  abstract readonly parentIsRemote: boolean;
  /** The local root: the first span of this request in this process; itself on a root. */
  abstract readonly entry: EntrySpan;
  declare startMicros: number;
  declare endMicros: number;
  /** Undefined before the first is set: many children have none of their own. */
  declare attributes: AttributeList | undefined;
  declare heading: Uint8Array | undefined;
  declare commonAttributes: Uint8Array | undefined;
  declare loopBusyMs: number;
  /** Of a local root, undefined as long as nothing was paid for. */
  declare paidSums: Paid | undefined;
  declare nextEnded: EndedSpan | undefined;
  declare events: SpanEvent[] | undefined;
  declare statusCode: number;
  declare statusMessage: string;
  /** What was thrown last, and its message. */
  declare lastException: unknown;
  declare exceptionMessage: string;
  /** Of an application that uses OpenTelemetry's API; undefined as long as it has not touched this span. */
  declare additions: Additions | undefined;
  /** `loopIdleMs()` at the start, -1 where it was not read. */
  declare readonly idleStartMs: number;

  constructor(start: SpanStart) {
    super();
    this.name = start.name;
    this.kind = start.kind;
    const isNow = start.startMs === undefined;
    this.startMs = start.startMs ?? now();
    if (isNow) latest.startMs = this.startMs;
    const readsNow = isNow && start.kind !== SpanKind.INTERNAL;
    this.idleStartMs = start.idleStartMs ?? (readsNow ? loopIdleMs() : IDLE_UNKNOWN);
    this.ended = false;
    this.startMicros = 0;
    this.endMicros = 0;
    this.attributes = undefined;
    this.heading = undefined;
    this.commonAttributes = undefined;
    this.loopBusyMs = 0;
    this.paidSums = undefined;
    this.nextEnded = undefined;
    this.events = undefined;
    this.statusCode = StatusCode.UNSET;
    this.statusMessage = '';
    this.lastException = undefined;
    this.exceptionMessage = '';
    this.additions = undefined;
  }

  /** The span id as 16 hex digits. */
  get spanId(): string {
    return spanIdHex(this.prefix, this.sequence);
  }

  /** Sets an attribute that was not set before; a name that is set twice is sent twice. */
  setAttribute(name: string, value: AttributeValue): void {
    this.attributes ??= new AttributeList();
    if (this.attributes.size < ATTRIBUTES_MAX) this.attributes.add(name, value);
  }

  /** Whether an attribute of this name was set. */
  hasAttribute(name: string): boolean {
    return this.attributes?.get(name) !== undefined;
  }

  /** Marks the span as failed, in OpenTelemetry's sense; where the application has called it ok, that is final. */
  setError(message = ''): void {
    if (this.statusCode === StatusCode.OK) return;
    this.statusCode = StatusCode.ERROR;
    if (message !== '') this.statusMessage = message;
  }

  /** Records what was thrown as an event named `exception` and marks the span as failed. Anything may be thrown. */
  recordException(error: unknown): void {
    if (this.ended) return;
    this.addException(error);
    this.setError(this.exceptionMessage);
    if (!this.hasAttribute(ATTR.errorType)) this.setAttribute(ATTR.errorType, errorType(error));
  }

  /** Adds the event alone, for an error that the application may yet turn into a proper answer. */
  addException(error: unknown): void {
    if (this.ended || (this.events !== undefined && error === this.lastException)) return;
    this.lastException = error;
    this.events ??= [];
    if (this.events.length >= EVENTS_MAX) return;
    const event = exceptionEvent(error, Math.round((this.entry.wallOffsetMs + now()) * 1000));
    this.exceptionMessage = String(event.attributes[3]);
    this.events.push(event);
  }

  /** Ends the span: it is encoded, and goes out with its request. A second call does nothing. */
  end(endMs: number = now()): void {
    if (this.ended) return;
    this.ended = true;
    const durationMs = Math.max(0, endMs - this.startMs);
    this.startMicros = Math.round((this.entry.wallOffsetMs + this.startMs) * 1000);
    this.endMicros = this.startMicros + Math.round(durationMs * 1000);
    if (this.idleStartMs !== IDLE_UNKNOWN) {
      const busyMs = durationMs - (loopIdleMs() - this.idleStartMs);
      this.loopBusyMs = Math.max(0, Math.min(busyMs, durationMs));
    }
    this.finish(endMs);
  }

  protected abstract finish(endMs: number): void;
}

/** The first span of a request in this process. Its children share its trace, its prefix and its anchor to wall time. */
export class EntrySpan extends Span implements Linked<EntrySpan> {
  declare readonly entry: EntrySpan;
  declare readonly traceId: TraceId;
  declare traceState: string;
  declare traceFlags: number;
  declare readonly prefix: number;
  declare readonly sequence: number;
  declare readonly parentPrefix: number;
  declare readonly parentSequence: number;
  declare readonly parentIsRemote: boolean;
  declare readonly wallOffsetMs: number;
  /** What the request's code runs in: this span, and the baggage that came with it. */
  declare context: ActiveContext;
  /** The HTTP method, or '' where this is no request. */
  declare method: string;
  /** The route pattern once it is known, or ''. */
  declare route: string;
  /** Of the answer; 0 before there is one. */
  declare httpStatus: number;
  /** The framework's function that the request is in, and since when on the monotonic clock. */
  declare step: Step | undefined;
  declare stepStartMs: number;
  /** Undefined where this is kept for certain, and counts as one. */
  declare sample: Sample | undefined;
  /** Children that have ended; undefined before the first. */
  declare private segment: Segment | undefined;
  /** Bytes of V8's heap in use when the request came; 0 where this is no request, or was not asked. */
  declare private readonly heapStartBytes: number;
  /** What still waits inside this span; undefined before the first. */
  declare private waiting: LinkedSet<Unanswered> | undefined;
  declare private childPrefix: number;
  /** On the monotonic clock, once it has ended. */
  declare private endMs: number;
  /** Whether somebody waits for this span's end. */
  declare readonly servesRequest: boolean;
  declare older: EntrySpan | undefined;
  declare newer: EntrySpan | undefined;
  declare isLinked: boolean;
  declare private lastSequence: number;

  constructor(start: SpanStart, remote: RemoteParent | undefined) {
    super(start);
    this.entry = this;
    this.traceId = remote === undefined ? newTraceId() : remote.traceId;
    this.traceState = remote === undefined ? '' : remote.traceState;
    this.traceFlags = remote === undefined ? FLAGS_SAMPLED_RANDOM : remote.flags;
    this.prefix = newPrefix();
    this.sequence = 1;
    this.parentPrefix = remote === undefined ? 0 : remote.prefix;
    this.parentSequence = remote === undefined ? 0 : remote.sequence;
    this.parentIsRemote = remote === undefined || remote.isRemote !== false;
    this.wallOffsetMs = wallOffsetMs(start.startMs === undefined ? this.startMs : now());
    this.context = this;
    this.method = '';
    this.route = '';
    this.httpStatus = 0;
    this.step = undefined;
    this.stepStartMs = 0;
    this.sample = undefined;
    this.segment = undefined;
    this.waiting = undefined;
    this.childPrefix = this.prefix;
    this.lastSequence = 1;
    this.endMs = 0;
    this.older = undefined;
    this.newer = undefined;
    this.isLinked = false;
    this.servesRequest = this.kind === SpanKind.SERVER || this.kind === SpanKind.CONSUMER;
    this.heapStartBytes = this.servesRequest ? heapAtStartBytes(this.startMs) : 0;
    if (this.servesRequest) {
      heartbeat.wake?.();
      openEntries.add(this);
    }
  }

  /** What this request has paid for so far. */
  get paid(): Paid {
    this.paidSums ??= new Paid();
    return this.paidSums;
  }

  /** The prefix of the next child; drawn anew when its sequences are used up. Call before `nextSequence`. */
  nextPrefix(): number {
    if (this.lastSequence === SEQUENCE_MAX) {
      this.childPrefix = newPrefix();
      // 1 is the mark of a local root.
      this.lastSequence = 1;
    }
    return this.childPrefix;
  }

  nextSequence(): number {
    return ++this.lastSequence;
  }

  /** Tells `wait` when this span ends, if it has not been answered by then. */
  expect(wait: Unanswered): void {
    this.waiting ??= new LinkedSet();
    this.waiting.add(wait);
  }

  /** The wait is over. */
  answered(wait: Unanswered): void {
    this.waiting?.delete(wait);
  }

  /** Takes a child that has ended. It waits for what becomes of its request only where that is not certain. */
  adopt(child: EndedSpan): void {
    if (this.sample === undefined || this.ended || !this.servesRequest) {
      // Late ones follow what became of their request.
      if (this.sample?.isLeftOut === true) counters.spansSampledOut++;
      else commitSpan(child);
      return;
    }
    this.segment ??= new Segment();
    this.segment.add(child);
  }

  /** Moves the children that have ended into the batch, although this span goes on. */
  commitChildren(): void {
    // Whether they are kept is not known yet where the head has said no.
    if (this.sample?.isSampled === true) this.segment?.commit();
  }

  protected override finish(endMs: number): void {
    if (this.method !== '') this.setHeading();
    this.additions?.ending();
    if (this.waiting !== undefined) for (const wait of this.waiting) wait.abandon();
    if (this.servesRequest) {
      openEntries.delete(this);
      if (this.heapStartBytes !== 0) this.setHeapGrowth();
    }
    const blockedMs = overlapBlockedMs(this.startMs, endMs);
    if (blockedMs !== 0) this.paid.loopBlockedMs = blockedMs;
    this.endMs = endMs;
    const isLong = endMs - this.startMs >= GC_WORTH_AWAITING_MS;
    if (isLong && collectionNews.await !== undefined) collectionNews.await(this);
    else this.settle();
  }

  private setHeading(): void {
    const name = routeName(this.method, this.route);
    if (this.additions === undefined) {
      this.name = name.text;
      this.heading = name.heading(this.httpStatus);
      return;
    }
    // One by one, since the application may have set some of them.
    this.name = this.additions.newName ?? name.text;
    if (this.route !== '') this.setAttribute(ATTR.httpRoute, this.route);
    if (this.httpStatus !== 0) this.setAttribute(ATTR.httpResponseStatusCode, this.httpStatus);
  }

  private setHeapGrowth(): void {
    const growthBytes = heapGrowthBytes(this.heapStartBytes);
    if (growthBytes !== 0) this.setAttribute(ATTR.heapGrowthBytes, growthBytes);
  }

  /** Encodes the span with its children, when all garbage collections up to its end are known. */
  settle(): void {
    const paid = this.paidSums;
    if (paid !== undefined && this.servesRequest) setFindings(this, paid);
    // Only of a request is it told what its children cost.
    else if (paid !== undefined) {
      this.paidSums = new Paid();
      this.paidSums.loopBlockedMs = paid.loopBlockedMs;
    }
    const gcMs = overlapGcMs(this.startMs, this.endMs);
    if (gcMs !== 0) this.paid.gcMs = gcMs;
    if (this.sample === undefined) this.commit();
    else this.commitSampled(this.sample);
  }

  private commit(): void {
    this.segment?.commit();
    commitSpan(this);
  }

  private commitSampled(sample: Sample): void {
    const threshold = sample.settle({
      durationMs: this.endMs - this.startMs,
      hasFailed: this.statusCode === StatusCode.ERROR || this.hasAttribute(ATTR.errorType),
      spans: this.lastSequence,
    });
    if (threshold === undefined) {
      counters.spansSampledOut += 1 + (this.segment?.discard() ?? 0);
      return;
    }
    this.traceState = weigh({ sample, threshold, segment: this.segment }, this.traceState);
    this.commit();
  }
}

/** Entry spans that serve a request and have not ended, oldest first. Read it through `in-flight.ts`. */
export const openEntries = new LinkedSet<EntrySpan>(OPEN_ENTRIES_MAX);
