// The headers of an http2 request: read, and sent with the trace, without a change to what the caller holds.

import { injectContext, parseTraceparent } from '../trace/propagation.js';
import type { ActiveContext, Span } from '../trace/span.js';

const TRACEPARENT = 'traceparent';
const GRPC = 'application/grpc';

type Named = Record<PropertyKey, unknown>;

/** A copy of what the caller gave, by name or as a list of names and values in turn. */
export type SentHeaders = Named | unknown[];

/**
 * Copies what the caller gave, in the way that Node does: each property is read once.
 * @returns undefined where Node will refuse it, or take it for something else
 */
export function copyHeaders(given: unknown, takesLists: boolean): SentHeaders | undefined {
  if (given === undefined) return { __proto__: null };
  if (typeof given !== 'object' || given === null) return undefined;
  if (!Array.isArray(given)) return { __proto__: null, ...given };
  if (!takesLists || given.length % 2 !== 0) return undefined;
  const copy: unknown[] = given.slice();
  // Which headers are sensitive.
  for (const key of Object.getOwnPropertySymbols(given)) {
    (copy as never as Named)[key] = (given as never as Named)[key];
  }
  return copy;
}

/** The value of a header, whose name is in lower case; undefined where there is none. */
export function headerOf(headers: SentHeaders, name: string): unknown {
  if (!Array.isArray(headers)) return headers[name];
  for (let i = 0; i < headers.length; i += 2) {
    if (isName(headers[i], name)) return headers[i + 1];
  }
  return undefined;
}

/** Sends the trace along, unless the caller does so himself. */
export function injectInto(headers: SentHeaders, span: Span): void {
  if (traceparentOf(headers) === undefined) injectContext(span, headers, add);
}

/**
 * Whether an instrumentation of gRPC has made a span for this call, which it sends along: the call would count twice,
 * and what is served hangs under that span. A header that the application passes on itself is no such sign.
 */
export function isRecordedAsRpc(headers: SentHeaders, context: ActiveContext | undefined): boolean {
  const type = headerOf(headers, 'content-type');
  if (typeof type !== 'string' || !type.startsWith(GRPC)) return false;
  const traceparent = traceparentOf(headers);
  if (typeof traceparent !== 'string') return false;
  // A channel that has just become ready sends calls in whatever context it became so.
  if (context?.span === undefined) return true;
  const sent = parseTraceparent(traceparent, undefined);
  const { entry } = context.span;
  return sent?.prefix === entry.prefix && sent.sequence !== entry.sequence;
}

function traceparentOf(headers: SentHeaders): unknown {
  if (Array.isArray(headers)) return headerOf(headers, TRACEPARENT);
  if (headers[TRACEPARENT] !== undefined) return headers[TRACEPARENT];
  for (const name in headers) if (isName(name, TRACEPARENT)) return headers[name];
  return undefined;
}

function isName(given: unknown, name: string): boolean {
  if (typeof given !== 'string' || given.length !== name.length) return false;
  return given === name || given.toLowerCase() === name;
}

function add(headers: SentHeaders, name: string, value: string): void {
  if (Array.isArray(headers)) headers.push(name, value);
  else headers[name] = value;
}
