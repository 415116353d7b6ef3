// A span of the agent as OpenTelemetry's API shows it to an application; what the application adds is kept here.

import type {
  Attributes,
  Exception,
  Link,
  SpanContext,
  Span as SpanOfApi,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';
import { limits, SPAN_BYTES_MAX } from '../config/limits.js';
import { isValue, keep, keepAttributes, weigh } from '../otlp/added-attributes.js';
import { ATTR, SpanKind, StatusCode } from '../otlp/names.js';
import type { Scope } from '../otlp/scope.js';
import { withoutAttributes } from '../otlp/span.js';
import type { AddedEvent, AddedLink } from '../otlp/span-additions.js';
import { Meter, starts } from '../self/meter.js';
import type { Additions } from '../trace/additions.js';
import type { Span } from '../trace/span.js';
import { chargeEntry } from './charge-entry.js';
import { exceptionAttributes } from './exception-attributes.js';
import { takeRoute } from './framework-route.js';
import { isTime, nowMicros, toMicros } from './time-input.js';
import { W3CTraceState } from './trace-state.js';

/** Of what an application records through the API. */
export const meter = new Meter('spans of the application');

const EXCEPTION = 'exception';
/** Bits of OTLP's `flags` of a link: whether the other span is remote is known, and so it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;
const TRACE_FLAGS = 0xff;
const TIME_UNKNOWN = -1;

/** Made when an application first touches a span, or starts one. After the span's end, changes are ignored. */
export class ApiSpan implements SpanOfApi, Additions {
  readonly own: Span;
  readonly scope: Scope | undefined;
  /** The context in which only this span is active, once somebody has asked for it. */
  context: unknown;
  /** What a framework's instrumentation tells of the request, once one has asked. */
  rpcMetadata: unknown;
  newName: string | undefined;
  readonly addedAttributes: unknown[] = [];
  droppedAttributes = 0;
  readonly addedEvents: AddedEvent[] = [];
  droppedEvents = 0;
  readonly addedLinks: AddedLink[] = [];
  droppedLinks = 0;
  #spanContext: SpanContext | undefined;
  #bytes = 0;
  #startMicros = TIME_UNKNOWN;
  #endMicros = TIME_UNKNOWN;
  /** Whether an operation of its own kind was recorded inside, which then is the one that counts. */
  #isWrapper = false;

  /** @param scope of the tracer that started it; undefined for a span of the agent's hooks */
  constructor(own: Span, scope?: Scope) {
    this.own = own;
    this.scope = scope;
    own.additions = this;
  }

  spanContext(): SpanContext {
    this.#spanContext ??= {
      traceId: this.own.traceId.hex,
      spanId: this.own.spanId,
      traceFlags: this.own.traceFlags,
      ...traceStateOf(this.own),
    };
    return this.#spanContext;
  }

  isRecording(): boolean {
    return !this.own.ended;
  }

  setAttribute(name: string, value: unknown): this {
    if (this.own.ended || typeof name !== 'string' || name === '') return this;
    if (value === undefined || value === null || !isValue(value)) return this;
    takeRoute(this.own, name, value);
    const added = this.addedAttributes;
    const at = indexOfName(added, name);
    const kept = keep(value);
    const weight = weigh(kept) + (at === -1 ? weigh(name) : -weigh(added[at + 1]));
    if ((at === -1 && added.length >= limits.attributes * 2) || !this.#admits(weight)) {
      this.droppedAttributes++;
    } else if (at === -1) added.push(name, kept);
    else added[at + 1] = kept;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const name of Object.keys(attributes ?? {})) this.setAttribute(name, attributes[name]);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.own.ended) return this;
    const isTimeFirst = isTime(attributesOrTime);
    const at = isTimeFirst && !isTime(time) ? attributesOrTime : time;
    const attributes = isTimeFirst ? undefined : attributesOrTime;
    const { flat, dropped, weight } = keepAttributes(attributes, limits.attributesPerEvent);
    const text = keep(String(name)) as string;
    const isFull = !this.#makeRoom(this.addedEvents, limits.events, weight + weigh(text));
    if (isFull) this.droppedEvents++;
    else {
      const timeMicros = toMicros(at, this.own.entry.wallOffsetMs) ?? this.#nowMicros();
      this.addedEvents.push({
        name: text,
        timeMicros,
        attributes: flat,
        droppedAttributes: dropped,
      });
    }
    return this;
  }

  addLink(link: Link): this {
    if (this.own.ended) return this;
    const other = link?.context;
    if (typeof other?.traceId !== 'string' || typeof other.spanId !== 'string') return this;
    const { flat, dropped, weight } = keepAttributes(link.attributes, limits.attributesPerLink);
    const traceState = other.traceState?.serialize() ?? '';
    if (!this.#makeRoom(this.addedLinks, limits.links, weight + weigh(traceState))) {
      this.droppedLinks++;
      return this;
    }
    this.addedLinks.push({
      traceId: other.traceId,
      spanId: other.spanId,
      traceState,
      flags: linkFlags(other),
      attributes: flat,
      droppedAttributes: dropped,
    });
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** Ok is final, unset is no status that could be set, and only a failure has a message. */
  setStatus(status: SpanStatus): this {
    const { own } = this;
    if (own.ended || own.statusCode === StatusCode.OK) return this;
    const { code, message } = status;
    if (code !== StatusCode.OK && code !== StatusCode.ERROR) return this;
    own.statusCode = code;
    own.statusMessage =
      code === StatusCode.ERROR && typeof message === 'string' ? (keep(message) as string) : '';
    return this;
  }

  updateName(name: string): this {
    if (this.own.ended) return this;
    this.newName = keep(String(name)) as string;
    this.own.name = this.newName;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    if (this.own.ended) return;
    const attributes = exceptionAttributes(exception);
    if (attributes === undefined) return;
    // Remembered, because the hooks may meet the same error on its way out and are not to record it again.
    this.own.lastException = exception;
    this.own.exceptionMessage = attributes[ATTR.exceptionMessage] ?? '';
    this.own.events ??= [];
    this.addEvent(EXCEPTION, attributes, time);
  }

  end(endTime?: TimeInput): void {
    const { own } = this;
    if (own.ended) return;
    const sinceMs = starts();
    const { wallOffsetMs } = own.entry;
    const micros = toMicros(endTime, wallOffsetMs);
    if (micros === undefined) own.end();
    else {
      this.#endMicros = micros;
      own.end(micros / 1000 - wallOffsetMs);
    }
    if (sinceMs !== 0) meter.ends(sinceMs);
  }

  /** Says that the span started at a time of the application's choice. */
  startedAt(micros: number): void {
    this.#startMicros = micros;
  }

  /** Of what was recorded inside a call, the innermost is the call itself. */
  adopted({ kind }: { kind: number }): void {
    if (kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER) this.#isWrapper = true;
  }

  ending(): void {
    const { own } = this;
    // The monotonic clock and back loses digits that the application gave.
    if (this.#startMicros !== TIME_UNKNOWN) own.startMicros = this.#startMicros;
    if (this.#endMicros !== TIME_UNKNOWN) own.endMicros = this.#endMicros;
    if (own.endMicros < own.startMicros) own.endMicros = own.startMicros;
    this.#overrule();
    if (this.scope !== undefined && !this.#isWrapper) chargeEntry(own, this.addedAttributes);
  }

  /** What the application says goes before what the hook has found out: a name must not come twice. */
  #overrule(): void {
    const { own, addedAttributes: added } = this;
    if (added.length === 0) return;
    const isAdded = (name: string): boolean => indexOfName(added, name) !== -1;
    own.attributes?.deleteWhere(isAdded);
    if (own.commonAttributes !== undefined) {
      own.commonAttributes = withoutAttributes(own.commonAttributes, isAdded);
    }
  }

  /** Makes room for one more, the oldest give way. */
  #makeRoom(list: unknown[], max: number, weight: number): boolean {
    if (max === 0 || !this.#admits(weight)) return false;
    if (list.length >= max) {
      list.shift();
      if (list === this.addedEvents) this.droppedEvents++;
      else this.droppedLinks++;
    }
    return true;
  }

  #admits(weight: number): boolean {
    if (this.#bytes + weight > SPAN_BYTES_MAX) return false;
    this.#bytes += weight;
    return true;
  }

  #nowMicros(): number {
    return nowMicros(this.own.entry.wallOffsetMs);
  }
}

/** `flags` of an OTLP link to `other`. */
export function linkFlags({ traceFlags, isRemote }: SpanContext): number {
  return (traceFlags & TRACE_FLAGS) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}

/** The API's view of a span, made once. */
export function apiSpanOf(span: Span): ApiSpan {
  return (span.additions as ApiSpan | undefined) ?? new ApiSpan(span);
}

function indexOfName(flat: readonly unknown[], name: string): number {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return i;
  return -1;
}

function traceStateOf({ entry }: Span): { traceState?: W3CTraceState } {
  return entry.traceState === '' ? {} : { traceState: W3CTraceState.parse(entry.traceState) };
}
