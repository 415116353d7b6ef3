// An outgoing call over an http2 session, told by the events of its stream.

import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { ATTR } from '../otlp/names.js';
import { now } from '../trace/clock.js';
import { errorType } from '../trace/exception.js';
import { ABORTED } from '../trace/in-flight.js';
import type { Unanswered } from '../trace/unanswered.js';
import type { Http2Route } from './http2-route.js';
import type { SlotTaker } from './http2-slots.js';
import { OutgoingCall, type OutgoingStart } from './outgoing.js';
import { expectReader, forgetReader, type Unread } from './unread.js';

const VERSION = '2';
const TIMEOUT = 'timeout';
const CONNECTION_RESET = 'ECONNRESET';
const NO_ERROR = 0;
/** The codes of RFC 9113, section 7, as Node names them. */
const RESET_CODES = [
  ...['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT'],
  ...['STREAM_CLOSED', 'FRAME_SIZE_ERROR', 'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR'],
  ...['CONNECT_ERROR', 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'],
].map((name) => `NGHTTP2_${name}`);

/** Follows one stream to the end of its answer. */
export class Http2Call extends OutgoingCall implements Unread, SlotTaker {
  declare readonly route: Http2Route;
  declare private stream: ClientHttp2Stream | undefined;
  declare private hasBody: boolean;
  declare private hasTimedOut: boolean;
  declare private isClosedByCaller: boolean;
  declare private isCutOff: boolean;
  declare older: Unanswered | undefined;
  declare newer: Unanswered | undefined;
  declare isLinked: boolean;
  declare unreadSinceMs: number;

  constructor(start: OutgoingStart, route: Http2Route) {
    super(start);
    this.route = route;
    this.stream = undefined;
    this.hasBody = false;
    this.hasTimedOut = false;
    this.isClosedByCaller = false;
    this.isCutOff = false;
    this.older = undefined;
    this.newer = undefined;
    this.isLinked = false;
    this.unreadSinceMs = 0;
  }

  /** The session has taken the request: its connection may still be coming about, and it may have no stream to spare. */
  onTaken(stream: ClientHttp2Stream, isConnecting: boolean, streamsMax: number): void {
    this.stream = stream;
    this.hasBody = !stream.writableEnded;
    this.socketMs = this.span.startMs;
    const { connection, slots } = this.route;
    this.connection = connection;
    if (connection !== undefined) {
      this.isReused = !isConnecting && connection.isUsed;
      connection.isUsed = true;
    }
    if (!isConnecting) this.version = VERSION;
    this.isQueued = !slots.take(this, streamsMax);
  }

  gotSlot(): void {
    this.socketMs = now();
  }

  /** Called before the listeners. @param args of `emit`, the event first */
  onEvent(stream: ClientHttp2Stream, args: ArrayLike<unknown>): void {
    const event = args[0];
    if (stream.closed) this.route.slots.free(this);
    if (this.span.ended) return;
    if (event === 'response') this.onResponse(args[1] as IncomingHttpHeaders, args[3]);
    else if (event === 'ready') this.version = VERSION;
    else if (event === 'finish') {
      if (this.hasBody) this.sentMs = now();
    } else if (event === 'timeout') this.hasTimedOut = true;
    else if (event === 'end') {
      // A stream that was reset ends as well; why, comes with its closing.
      if (this.status !== 0 && stream.rstCode === NO_ERROR) this.end();
    } else if (event === 'error') this.onError(stream, args[1]);
    else if (event === 'close') this.onClose(stream);
  }

  /** The listeners of 'response' have run: mostly they have begun to read. */
  afterResponse(stream: ClientHttp2Stream): void {
    if (!this.span.ended && !isBeingRead(stream)) expectReader(this);
  }

  /** `close` was called: by the application, or by Node for a connection that is gone. */
  onClosing(stream: ClientHttp2Stream): void {
    if (stream.session?.socket?.destroyed === true) this.isCutOff = true;
    else this.isClosedByCaller = true;
  }

  override end(endMs?: number): void {
    if (this.unreadSinceMs !== 0) forgetReader(this);
    super.end(endMs);
  }

  /** Ends a call whose answer nobody has begun to read, as of when the answer came. */
  abandon(): void {
    if (this.stream !== undefined && !isBeingRead(this.stream)) this.end(this.firstByteMs);
  }

  private onResponse(headers: IncomingHttpHeaders, rawHeaders: unknown): void {
    const { slots } = this.route;
    if (slots.hasWaiting) slots.answered(this);
    this.gotHead(Number(headers[':status'] ?? 0), rawHeaders);
    // A tunnel may last for days.
    if (this.method.name === 'CONNECT') this.end();
  }

  private onError(stream: ClientHttp2Stream, error: unknown): void {
    const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
    if (code === 'ERR_HTTP2_STREAM_ERROR') this.nameReset(stream);
    // What happened to the connection says more than that its streams are canceled.
    else if (code === 'ERR_HTTP2_STREAM_CANCEL' && cause !== undefined && cause !== null) {
      this.nameError(errorType(cause));
    }
    this.fail(error);
  }

  /** Without an error, and before the answer had ended. */
  private onClose(stream: ClientHttp2Stream): void {
    if (stream.rstCode !== NO_ERROR || !stream.readableEnded || this.status === 0) {
      this.nameReset(stream);
    }
    this.end();
  }

  private nameReset({ rstCode }: ClientHttp2Stream): void {
    if (this.hasTimedOut) this.nameError(TIMEOUT);
    else if (this.isCutOff) this.nameFailure(CONNECTION_RESET);
    else if (this.isClosedByCaller || !rstCode) this.nameError(ABORTED);
    else this.nameFailure(RESET_CODES[rstCode] ?? String(rstCode));
  }

  private nameFailure(type: string): void {
    this.span.setError();
    this.nameError(type);
  }

  private nameError(type: string): void {
    if (!this.span.hasAttribute(ATTR.errorType)) this.span.setAttribute(ATTR.errorType, type);
  }
}

function isBeingRead(stream: ClientHttp2Stream): boolean {
  return stream.readableFlowing !== null || stream.listenerCount('readable') > 0;
}
