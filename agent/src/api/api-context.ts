// What a context is to the API and to the agent: the same object serves both.

import type { Context, SpanContext, Span as SpanOfApi } from '@opentelemetry/api';
import type { ActiveContext, Span } from '../trace/span.js';
import type { RemoteParent } from '../trace/span-start.js';
import { ApiSpan, apiSpanOf } from './api-span.js';
import { formatBaggage } from './baggage.js';
import { BAGGAGE_KEY, RPC_METADATA_KEY, SPAN_KEY, SUPPRESS_KEY } from './context-keys.js';
import { remoteParentOf } from './remote-parent.js';
import { rpcMetadataOf } from './rpc-metadata.js';

type Values = ReadonlyMap<symbol, unknown>;

const NOTHING: Values = new Map();

/** An immutable context that the agent made. One that holds a span and nothing else is entered as that span. */
class ApiContext implements Context, ActiveContext {
  readonly span: Span | undefined;
  readonly remote: RemoteParent | undefined;
  readonly isSuppressed: boolean;
  readonly #values: Values;
  /** A span that is not the agent's. */
  readonly #other: SpanOfApi | undefined;
  #baggage: string | undefined;

  /** @param span the agent's, or another's, or none */
  constructor(values: Values, span: Span | SpanOfApi | undefined, isOwn: boolean) {
    this.#values = values;
    this.span = isOwn ? (span as Span) : undefined;
    this.#other = isOwn ? undefined : (span as SpanOfApi);
    this.remote = isOwn ? undefined : remoteParentOf(this.#other?.spanContext?.());
    this.isSuppressed = values.get(SUPPRESS_KEY) === true;
  }

  /** Whether there is nothing in it but perhaps a span. */
  get isBare(): boolean {
    return this.#values.size === 0;
  }

  get baggage(): string {
    this.#baggage ??= this.isSuppressed ? '' : formatBaggage(this.#values.get(BAGGAGE_KEY));
    return this.#baggage;
  }

  withSpan(span: Span): ActiveContext {
    return this.isBare ? span : new ApiContext(this.#values, span, true);
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.span === undefined ? this.#other : apiSpanOf(this.span);
    const value = this.#values.get(key);
    if (value !== undefined || key !== RPC_METADATA_KEY) return value;
    return this.span === undefined ? undefined : rpcMetadataOf(this.span.entry);
  }

  setValue(key: symbol, value: unknown): Context {
    if (key === SPAN_KEY) return this.#withSpanOfApi(value);
    const values = new Map(this.#values);
    values.set(key, value);
    return this.#withValues(values);
  }

  deleteValue(key: symbol): Context {
    if (key === SPAN_KEY) return this.#withSpanOfApi(undefined);
    if (!this.#values.has(key)) return this;
    const values = new Map(this.#values);
    values.delete(key);
    return this.#withValues(values);
  }

  #withValues(values: Values): Context {
    if (values.size === 0) return bareContext(this.span ?? this.#other, this.span !== undefined);
    return new ApiContext(values, this.span ?? this.#other, this.span !== undefined);
  }

  #withSpanOfApi(value: unknown): Context {
    const isOwn = value instanceof ApiSpan;
    const span = isOwn ? value.own : ((value ?? undefined) as SpanOfApi | undefined);
    return this.isBare ? bareContext(span, isOwn) : new ApiContext(this.#values, span, isOwn);
  }
}

/** A context that another copy of the API made: `ROOT_CONTEXT` and what is derived from it. */
class OtherContext implements ActiveContext {
  readonly api: Context;
  readonly span: Span | undefined;
  readonly remote: RemoteParent | undefined;
  readonly isSuppressed: boolean;
  #baggage: string | undefined;

  constructor(api: Context) {
    const span: unknown = api.getValue(SPAN_KEY);
    this.api = api;
    this.span = span instanceof ApiSpan ? span.own : undefined;
    this.remote = this.span === undefined ? remoteParentOf(contextOfOther(span)) : undefined;
    this.isSuppressed = api.getValue(SUPPRESS_KEY) === true;
  }

  get baggage(): string {
    this.#baggage ??= this.isSuppressed ? '' : formatBaggage(this.api.getValue(BAGGAGE_KEY));
    return this.#baggage;
  }

  withSpan(span: Span): ActiveContext {
    return new OtherContext(this.api.setValue(SPAN_KEY, apiSpanOf(span)));
  }
}

function contextOfOther(span: unknown): SpanContext | undefined {
  return (span as SpanOfApi | undefined)?.spanContext?.();
}

/** The context outside of everything: the one that the application knows as ROOT_CONTEXT, once it is known. */
export const root: { context: Context } = { context: new ApiContext(NOTHING, undefined, false) };

function bareContext(span: Span | SpanOfApi | undefined, isOwn: boolean): Context {
  if (span === undefined) return root.context;
  if (!isOwn) return new ApiContext(NOTHING, span, false);
  const api = apiSpanOf(span as Span);
  api.context ??= new ApiContext(NOTHING, span, true);
  return api.context as Context;
}

/** What the agent enters for a context of the API; anything but a context counts as the root. */
export function enteredFor(context: unknown): ActiveContext | undefined {
  if (context instanceof ApiContext) {
    if (!context.isBare) return context;
    return context.getValue(SPAN_KEY) === undefined ? undefined : (context.span ?? context);
  }
  if (context === root.context) return undefined;
  const isContext = typeof (context as Context | undefined | null)?.getValue === 'function';
  return isContext ? new OtherContext(context as Context) : undefined;
}

/** The API's view of what the agent has entered. */
export function contextOf(entered: ActiveContext | undefined): Context {
  if (entered === undefined) return root.context;
  if (entered instanceof ApiContext) return entered;
  if (entered instanceof OtherContext) return entered.api;
  return bareContext(entered.span, true);
}

/** A request's context with the baggage that came with it. */
export function contextWithValue(span: Span, key: symbol, value: unknown): ActiveContext {
  return new ApiContext(new Map([[key, value]]), span, true);
}
