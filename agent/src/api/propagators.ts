// The W3C propagator that an application meets in OpenTelemetry's API: trace context and baggage.

import type {
  Context,
  Span,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { parseTraceparent } from '../trace/propagation.js';
import { formatBaggage, parseBaggage } from './baggage.js';
import { BAGGAGE_KEY, SPAN_KEY, SUPPRESS_KEY } from './context-keys.js';
import { NonRecordingSpan } from './non-recording-span.js';
import { isValid, spanContextOf } from './remote-parent.js';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
const BAGGAGE = 'baggage';
/** Where the span id stands in a traceparent: after version and trace id. */
const SPAN_ID_START = 36;
const SPAN_ID_END = 52;

/** Writes and reads `traceparent`, `tracestate` and `baggage`. */
export class W3CPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (context.getValue(SUPPRESS_KEY) === true) return;
    const span = (context.getValue(SPAN_KEY) as Span | undefined)?.spanContext?.();
    if (isValid(span)) {
      const flags = (span.traceFlags ?? 0).toString(16).padStart(2, '0');
      setter.set(carrier, TRACEPARENT, `00-${span.traceId}-${span.spanId}-${flags}`);
      const state = span.traceState?.serialize() ?? '';
      if (state !== '') setter.set(carrier, TRACESTATE, state);
    }
    const baggage = formatBaggage(context.getValue(BAGGAGE_KEY));
    if (baggage !== '') setter.set(carrier, BAGGAGE, baggage);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return extractBaggage(extractSpan(context, carrier, getter), carrier, getter);
  }

  fields(): string[] {
    return [TRACEPARENT, TRACESTATE, BAGGAGE];
  }
}

function extractSpan(context: Context, carrier: unknown, getter: TextMapGetter): Context {
  const header = first(getter.get(carrier, TRACEPARENT));
  if (typeof header !== 'string') return context;
  const states = getter.get(carrier, TRACESTATE);
  const state = Array.isArray(states) ? states.join(',') : states;
  const parent = parseTraceparent(header, typeof state === 'string' ? state : undefined);
  if (parent === undefined) return context;
  const spanId = header.trim().slice(SPAN_ID_START, SPAN_ID_END);
  return context.setValue(SPAN_KEY, new NonRecordingSpan(spanContextOf(parent, spanId)));
}

function extractBaggage(context: Context, carrier: unknown, getter: TextMapGetter): Context {
  const header = getter.get(carrier, BAGGAGE);
  if (header === undefined || header === null || header.length === 0) return context;
  const baggage = parseBaggage(header);
  return baggage === undefined ? context : context.setValue(BAGGAGE_KEY, baggage);
}

function first(header: unknown): unknown {
  return Array.isArray(header) ? header[0] : header;
}
