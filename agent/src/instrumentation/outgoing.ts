// What http, https and fetch clients have in common: how an outgoing call is named, taken apart and paid for.

import type { Socket } from 'node:net';
import type { AttributeValue } from '../otlp/attribute.js';
import { ATTR, SpanKind } from '../otlp/names.js';
import { encodeAttributes } from '../otlp/span.js';
import { loopIdleMs, now } from '../trace/clock.js';
import type { ActiveContext, Span } from '../trace/span.js';
import { startSpan } from '../trace/tracer.js';
import { captureCallSite, setCallSite } from './call-site.js';
import { type Connection, connectionOf, failedConnectionOf } from './connection.js';
import { setHeading } from './outgoing-heading.js';
import { SOCKET_WAIT_MS_MIN, setParts } from './outgoing-parts.js';
import { hasRedirects, locationIn, noteRedirect, type Resend, takeRedirect } from './redirects.js';
import type { Target, TargetMethod } from './target.js';

const STATUS_FAILED_MIN = 400;
const STATUS_REDIRECT_MIN = 300;

/** What a call starts with. */
export interface OutgoingStart {
  target: Target;
  method: string;
  /** Path and query as sent. */
  path: string;
  /** What the caller runs in. */
  context: ActiveContext | undefined;
  /** Where the call stood in its pool's queue before its request was made: since when, and the loop's idle time then. */
  queued?: { startMs: number; idleStartMs: number } | undefined;
  /** The attempt that it repeats, where the client says so. */
  resend?: Resend | undefined;
}

/** An outgoing call from its start to the end of its answer. */
export class OutgoingCall {
  // As in spans, no initializers: see there.
  declare readonly span: Span;
  declare readonly context: ActiveContext | undefined;
  declare readonly method: TargetMethod;
  declare readonly path: string;
  declare readonly resend: Resend | undefined;
  declare connection: Connection | undefined;
  declare isReused: boolean;
  declare isQueued: boolean;
  declare hasIdled: boolean;
  declare socketMs: number;
  declare sentMs: number;
  declare firstByteMs: number;
  declare status: number;
  /** Of the protocol: `1.1`; '' while it is not known. */
  declare version: string;

  constructor(start: OutgoingStart) {
    const { target, method, path, context, queued } = start;
    const parent = context ?? null;
    const kind = SpanKind.CLIENT;
    const span = startSpan(
      queued === undefined
        ? { name: method, kind, parent }
        : { name: method, kind, parent, ...queued },
    );
    this.span = span;
    this.context = context;
    this.method = target.method(method);
    this.path = path;
    this.connection = undefined;
    this.isReused = false;
    this.isQueued = queued !== undefined;
    this.hasIdled = false;
    this.socketMs = 0;
    this.sentMs = 0;
    this.firstByteMs = 0;
    this.status = 0;
    this.version = '';
    // Every client starts its request in the very call that the application makes, so its line is on the stack.
    if (this.method.gate.opens()) setCallSite(span, captureCallSite());
    this.resend =
      start.resend ?? (hasRedirects() ? takeRedirect(context, target.origin + path) : undefined);
    if (this.resend !== undefined) {
      span.setAttribute(ATTR.httpResendCount, this.resend.count);
      span.setAttribute(ATTR.resendOf, this.resend.firstSpanId);
    }
  }

  /** What an attempt after this one is linked with. */
  nextResend(): Resend {
    const { resend } = this;
    if (resend === undefined) return { firstSpanId: this.span.spanId, count: 1 };
    return { firstSpanId: resend.firstSpanId, count: resend.count + 1 };
  }

  /** The call has got its socket, which may still be connecting. */
  gotSocket(socket: Socket, isReused: boolean): void {
    const connection = connectionOf(socket);
    this.connection = connection;
    this.isReused = isReused || connection.isUsed;
    connection.isUsed = true;
    const { startMs, idleStartMs } = this.span;
    this.socketMs = now();
    if (this.socketMs - startMs >= SOCKET_WAIT_MS_MIN) this.hasIdled = loopIdleMs() !== idleStartMs;
  }

  /** The answer's head is here, with `headers` as a flat list of names and values. */
  gotHead(status: number, headers: unknown): void {
    this.firstByteMs = now();
    this.status = status;
    if (status < STATUS_REDIRECT_MIN) return;
    if (status < STATUS_FAILED_MIN) {
      if (Array.isArray(headers)) this.gotRedirect(headers);
      return;
    }
    this.span.setError();
    this.span.setAttribute(ATTR.errorType, String(status));
  }

  /** The call came to nothing, or its answer broke off. Anything may have been thrown. */
  fail(error: unknown): void {
    this.connection ??= failedConnectionOf(error);
    this.span.recordException(error);
    this.end();
  }

  /** Ends the span and charges its entry for it. A second call does nothing. */
  end(endMs: number = now()): void {
    const { span } = this;
    if (span.ended) return;
    setParts(this, endMs);
    setHeading(span, this.method, this.path, this.status);
    if (this.connection !== undefined) span.commonAttributes = commonOf(this, this.connection);
    span.end(endMs);
    if (span.entry === span) return;
    const { paid } = span.entry;
    paid.outCount++;
    paid.outMs += endMs - span.startMs;
  }

  private gotRedirect(headers: readonly unknown[]): void {
    const location = locationIn(headers);
    if (location === '') return;
    const urls = { url: this.method.target.origin + this.path, location };
    noteRedirect(this.context, urls, this.nextResend());
  }
}

/** Peer, protocol and whether the connection was reused: the same bytes for every call of a connection but its first. */
function commonOf({ isReused, version }: OutgoingCall, connection: Connection): Uint8Array {
  const { common } = connection;
  if (common !== undefined && isReused && connection.commonVersion === version) return common;
  const { peerAddress, peerPort } = connection;
  const flat: AttributeValue[] = [ATTR.connectionReused, isReused];
  if (peerAddress !== '') flat.push(ATTR.peerAddress, peerAddress);
  if (peerPort !== 0) flat.push(ATTR.peerPort, peerPort);
  if (version !== '') flat.push(ATTR.protocolVersion, version);
  const encoded = encodeAttributes(flat);
  if (isReused) {
    connection.common = encoded;
    connection.commonVersion = version;
  }
  return encoded;
}
