// Between the API's span context and the parent that the agent starts spans under.

import type { SpanContext } from '@opentelemetry/api';
import { TraceId } from '../otlp/trace-id.js';
import type { RemoteParent } from '../trace/span-start.js';
import { W3CTraceState } from './trace-state.js';

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/i;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/i;
const PREFIX_DIGITS = 12;

/** Whether both ids are what W3C trace context allows. */
export function isValid(context: SpanContext | undefined): context is SpanContext {
  return context !== undefined && TRACE_ID.test(context.traceId) && SPAN_ID.test(context.spanId);
}

/** The parent that a span of somebody else's is; undefined where its ids are not valid. */
export function remoteParentOf(context: SpanContext | undefined): RemoteParent | undefined {
  if (!isValid(context)) return undefined;
  const { traceId, spanId, traceFlags, traceState, isRemote } = context;
  return {
    traceId: TraceId.parse(traceId.toLowerCase()),
    prefix: Number.parseInt(spanId.slice(0, PREFIX_DIGITS), 16),
    sequence: Number.parseInt(spanId.slice(PREFIX_DIGITS), 16),
    flags: traceFlags,
    traceState: traceState?.serialize() ?? '',
    isRemote: isRemote === true,
  };
}

/** The span context that a parent from a header is. */
export function spanContextOf(parent: RemoteParent, spanId: string): SpanContext {
  const { traceId, flags, traceState } = parent;
  const context: SpanContext = {
    traceId: traceId.hex,
    spanId,
    traceFlags: flags,
    isRemote: true,
  };
  if (traceState !== '') context.traceState = W3CTraceState.parse(traceState);
  return context;
}
