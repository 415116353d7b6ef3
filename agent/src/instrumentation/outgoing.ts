// What http, https and fetch clients have in common: how an outgoing call is named, injected and paid for.

import { ATTR, SpanKind } from '../otlp/names.js';
import { now } from '../trace/clock.js';
import { type Span, setMs } from '../trace/span.js';
import { startSpan } from '../trace/tracer.js';
import { CallSiteGate, captureCallSite, setCallSite } from './call-site.js';

const GATES_MAX = 512;
const STATUS_FAILED_MIN = 400;
/** Below this a socket was at hand; Node gives it in the next tick. */
const SOCKET_WAIT_MS_MIN = 2;
const REDACTED_QUERY = '?REDACTED';

const gates = new Map<string, CallSiteGate>();

/** Where an outgoing call goes. */
export interface OutgoingCall {
  method: string;
  /** `http://host:port`, without credentials. */
  origin: string;
  /** Path and query as sent. */
  path: string;
  address: string;
  port: number;
}

/** Starts the span of an outgoing call under the active one. Its query is left out: secrets travel there. */
export function startOutgoing(call: OutgoingCall): Span {
  const span = startSpan({ name: call.method, kind: SpanKind.CLIENT });
  span.setAttribute(ATTR.httpRequestMethod, call.method);
  span.setAttribute(ATTR.urlFull, call.origin + redactQuery(call.path));
  span.setAttribute(ATTR.serverAddress, call.address);
  if (call.port > 0) span.setAttribute(ATTR.serverPort, call.port);
  // Every client starts its request in the very call that the application makes, so its line is on the stack.
  if (gateOf(`${call.method} ${call.address}`).opens()) setCallSite(span, captureCallSite());
  return span;
}

/** Records that the call has got a socket only now: until then it stood in its agent's queue, not at the callee. */
export function setSocketWait(span: Span): void {
  const waitMs = now() - span.startMs;
  if (waitMs >= SOCKET_WAIT_MS_MIN) setMs(span, ATTR.socketWaitMs, waitMs);
}

/** Records the answer's status; for a client every status from 400 is a failure. */
export function setOutgoingStatus(span: Span, status: number): void {
  span.setAttribute(ATTR.httpResponseStatusCode, status);
  if (status < STATUS_FAILED_MIN) return;
  span.setError();
  if (!span.hasAttribute(ATTR.errorType)) span.setAttribute(ATTR.errorType, String(status));
}

/** Ends the span and charges its entry for it. */
export function endOutgoing(span: Span): void {
  if (span.ended) return;
  const endMs = now();
  span.end(endMs);
  if (span.entry === span) return;
  const { paid } = span.entry;
  paid.outCount++;
  paid.outMs += endMs - span.startMs;
}

/** The gate of call sites for one kind of call, such as `GET api.example.com`. */
function gateOf(key: string): CallSiteGate {
  let gate = gates.get(key);
  if (gate === undefined) {
    if (gates.size >= GATES_MAX) gates.clear();
    gate = new CallSiteGate();
    gates.set(key, gate);
  }
  return gate;
}

function redactQuery(path: string): string {
  const at = path.indexOf('?');
  return at === -1 ? path : path.slice(0, at) + REDACTED_QUERY;
}
