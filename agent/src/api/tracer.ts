// Starts spans for an application, and for OpenTelemetry's instrumentations.

import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { storage } from '../context/store.js';
import { SpanKind, type SpanKindValue } from '../otlp/names.js';
import type { Scope } from '../otlp/scope.js';
import { starts } from '../self/meter.js';
import { ChildSpan } from '../trace/child-span.js';
import { now, wallOffsetMs } from '../trace/clock.js';
import { type ActiveContext, EntrySpan } from '../trace/span.js';
import type { SpanStart } from '../trace/span-start.js';
import { contextOf, enteredFor } from './api-context.js';
import { ApiSpan, meter } from './api-span.js';
import { SPAN_KEY } from './context-keys.js';
import { NonRecordingSpan } from './non-recording-span.js';
import { toMicros } from './time-input.js';

type Callback = (span: Span) => unknown;
/** Where a tracer finds the one that takes its place, if there is one. */
type Successor = () => Tracer | undefined;

const SERVER = 1;
const CONSUMER = 4;

/** A tracer of one instrumentation scope. */
export class AgentTracer implements Tracer {
  readonly #scope: Scope;
  readonly #successor: Successor;

  /** @param successor asked for each span: an application may register its own provider at any time */
  constructor(scope: Scope, successor: Successor) {
    this.#scope = scope;
    this.#successor = successor;
  }

  startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
    const successor = this.#successor();
    if (successor !== undefined) return successor.startSpan(name, options, context);
    const entered = context === undefined ? storage.getStore() : enteredFor(context);
    if (entered?.isSuppressed === true) return new NonRecordingSpan();
    return this.#start(name, options ?? {}, options?.root === true ? undefined : entered);
  }

  startActiveSpan<Fn extends Callback>(name: string, fn: Fn): ReturnType<Fn>;
  startActiveSpan<Fn extends Callback>(name: string, options: SpanOptions, fn: Fn): ReturnType<Fn>;
  startActiveSpan<Fn extends Callback>(
    name: string,
    options: SpanOptions,
    ...rest: [context: Context, fn: Fn]
  ): ReturnType<Fn>;
  startActiveSpan(name: string, ...rest: unknown[]): unknown {
    const successor = this.#successor();
    if (successor !== undefined) {
      return Reflect.apply(successor.startActiveSpan, successor, [name, ...rest]);
    }
    if (rest.length === 0) return undefined;
    const fn = rest[Math.min(rest.length, 3) - 1] as Callback;
    const options = rest.length > 1 ? (rest[0] as SpanOptions | undefined) : undefined;
    const given = rest.length > 2 ? (rest[1] as Context | undefined) : undefined;
    const context = given ?? contextOf(storage.getStore());
    const span = this.startSpan(name, options ?? undefined, context);
    const entered = enteredFor(context.setValue(SPAN_KEY, span));
    return storage.run(entered, Reflect.apply, fn, undefined, [span]);
  }

  #start(name: string, options: SpanOptions, context: ActiveContext | undefined): Span {
    const sinceMs = starts();
    const parent = context?.span;
    const offsetMs = parent === undefined ? wallOffsetMs(now()) : parent.entry.wallOffsetMs;
    const startMicros = toMicros(options.startTime, offsetMs);
    const start: SpanStart = { name: String(name), kind: kindOf(options.kind) };
    if (startMicros !== undefined) start.startMs = startMicros / 1000 - offsetMs;
    const own =
      parent === undefined ? new EntrySpan(start, context?.remote) : new ChildSpan(start, parent);
    const span = new ApiSpan(own, this.#scope);
    if (startMicros !== undefined) span.startedAt(startMicros);
    if (Array.isArray(options.links)) span.addLinks(options.links);
    if (options.attributes) span.setAttributes(options.attributes);
    if (sinceMs !== 0) meter.ends(sinceMs);
    return span;
  }
}

/** The API counts kinds from 0, OTLP from 1. */
function kindOf(kind: unknown): SpanKindValue {
  const isKind = typeof kind === 'number' && kind >= SERVER && kind <= CONSUMER;
  return isKind ? ((kind + 1) as SpanKindValue) : SpanKind.INTERNAL;
}
