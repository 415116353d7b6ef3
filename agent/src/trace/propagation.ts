// Reads and writes W3C trace context (https://www.w3.org/TR/trace-context-2/).

import { activeContext } from '../context/store.js';
import { writeHex8 } from '../otlp/hex.js';
import { TraceId } from '../otlp/trace-id.js';
import { writeSpanIdHex } from './ids.js';
import type { ActiveContext, EntrySpan, Span } from './span.js';
import type { RemoteParent } from './span-start.js';

// traceparent: version "-" trace-id(32 hex) "-" parent-id(16 hex) "-" trace-flags(2 hex); later versions may append.
const TRACEPARENT =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{12})([0-9a-f]{4})-([0-9a-f]{2})(-.*)?$/;
const TRACE_STATE_CHARS_MAX = 512;
const FLAGS_KNOWN = 0x03;

/**
 * Parses what the caller sent.
 * @returns the caller's span, or undefined where the header is missing or breaks the rules
 */
export function parseTraceparent(
  traceparent: string | undefined,
  traceState: string | undefined,
): RemoteParent | undefined {
  if (traceparent === undefined) return undefined;
  const match = TRACEPARENT.exec(traceparent.trim());
  if (match === null) return undefined;
  const [, version, traceId, prefix, sequence, flags, rest] = match as unknown as Captured;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  const parent = {
    traceId: TraceId.parse(traceId),
    prefix: Number.parseInt(prefix, 16),
    sequence: Number.parseInt(sequence, 16),
    flags: Number.parseInt(flags, 16) & FLAGS_KNOWN,
    traceState: cleanTraceState(traceState),
  };
  if (parent.traceId.isZero || (parent.prefix === 0 && parent.sequence === 0)) return undefined;
  return parent;
}

type Captured = [string, string, string, string, string, string, string | undefined];

/** Everything but the version and the dashes is written over. */
const header = Buffer.from(`00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`);
const TRACE_ID_AT = 3;
const SPAN_ID_AT = 36;
const FLAGS_AT = 53;

/** The value of the `traceparent` header for a request made under `span`. */
export function formatTraceparent(span: Span): string {
  span.traceId.writeHex(header, TRACE_ID_AT);
  writeSpanIdHex(header, SPAN_ID_AT, span);
  writeHex8(header, FLAGS_AT, span.traceFlags);
  return header.toString('latin1');
}

/** Sets one header of an outgoing request. */
export type SetHeader<Carrier> = (carrier: Carrier, name: string, value: string) => unknown;

/** Writes what the next service needs to know of `span` and its request: `traceparent`, `tracestate`, `baggage`. */
export function injectContext<Carrier>(
  span: Span,
  carrier: Carrier,
  set: SetHeader<Carrier>,
): void {
  set(carrier, 'traceparent', formatTraceparent(span));
  const { traceState } = span.entry;
  if (traceState !== '') set(carrier, 'tracestate', traceState);
  const baggage = activeContext()?.baggage ?? '';
  if (baggage !== '') set(carrier, 'baggage', baggage);
}

/** Set by what knows baggage. */
export const incomingBaggage = {
  /** The context of a request that came with a `baggage` header. */
  contextOf: undefined as ((entry: EntrySpan, header: string) => ActiveContext) | undefined,
};

/** A list that is too long may be dropped as a whole, never cut: half a member would be somebody's broken state. */
function cleanTraceState(traceState: string | undefined): string {
  if (traceState === undefined || traceState.length > TRACE_STATE_CHARS_MAX) return '';
  return traceState.trim();
}
