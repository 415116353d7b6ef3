// An outgoing call of node:http, told by the events of its request and of its response.

import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ATTR } from '../otlp/names.js';
import { tellHookFailure } from '../self/log.js';
import { now } from '../trace/clock.js';
import { ABORTED } from '../trace/in-flight.js';
import type { Unanswered } from '../trace/unanswered.js';
import type { ResponseFollower } from './message-events.js';
import { OutgoingCall, type OutgoingStart } from './outgoing.js';
import { expectReader, forgetReader, type Unread } from './unread.js';

const CONNECTION_RESET = 'ECONNRESET';
const TIMEOUT = 'timeout';

/** Follows one request to the end of its response. */
export class HttpCall extends OutgoingCall implements ResponseFollower, Unread {
  declare private response: IncomingMessage | undefined;
  declare private hasTimedOut: boolean;
  declare older: Unanswered | undefined;
  declare newer: Unanswered | undefined;
  declare isLinked: boolean;
  declare unreadSinceMs: number;

  constructor(start: OutgoingStart) {
    super(start);
    this.response = undefined;
    this.hasTimedOut = false;
    this.older = undefined;
    this.newer = undefined;
    this.isLinked = false;
    this.unreadSinceMs = 0;
  }

  /** The request is written: worth a look at the clock only where it has a body. */
  onFinish(request: ClientRequest): void {
    if (request.useChunkedEncodingByDefault) this.sentMs = now();
  }

  onResponse(response: IncomingMessage): void {
    this.response = response;
    this.version = response.httpVersion;
    this.gotHead(response.statusCode ?? 0, response.rawHeaders);
  }

  /** The listeners of 'response' have run: mostly they have begun to read. */
  afterResponse(response: IncomingMessage): void {
    if (this.span.ended || isBeingRead(response)) return;
    try {
      expectReader(this);
    } catch (error) {
      tellHookFailure('http client', error);
    }
  }

  /** An application that only sets a timeout is told of it; one that gives up then destroys the request. */
  onTimeout(): void {
    this.hasTimedOut = true;
  }

  onError(request: ClientRequest, error: unknown): void {
    if (isHangUp(error) && !isClosedByPeer(request.socket)) {
      // Nobody hung up: Node says so of a request that the application has destroyed.
      this.nameAbort();
    }
    this.fail(error);
  }

  onClose(): void {
    const { response } = this;
    // Of a response that broke off its own events tell why.
    if (response !== undefined && !response.complete) return;
    if (response === undefined) this.nameAbort();
    this.end();
  }

  onResponseEvent(response: IncomingMessage, event: unknown, argument: unknown): void {
    if (this.span.ended) return;
    try {
      if (event === 'end') this.end();
      else if (event === 'error') this.fail(argument);
      else if (event === 'aborted') this.onBrokenOff(response);
      else if (event === 'close') {
        if (!response.complete) this.nameAbort();
        this.end();
      }
    } catch (error) {
      tellHookFailure('http client', error);
    }
  }

  override end(endMs?: number): void {
    if (this.unreadSinceMs !== 0) forgetReader(this);
    super.end(endMs);
  }

  /** Ends a call whose answer nobody has begun to read, as of when the answer came. */
  abandon(): void {
    if (this.response === undefined || isBeingRead(this.response)) return;
    this.end(this.firstByteMs);
  }

  private onBrokenOff(response: IncomingMessage): void {
    if (response.complete) return;
    if (!isClosedByPeer(response.socket)) this.nameAbort();
    else if (!this.span.hasAttribute(ATTR.errorType)) {
      this.span.setError('aborted');
      this.span.setAttribute(ATTR.errorType, CONNECTION_RESET);
    }
  }

  private nameAbort(): void {
    if (this.span.hasAttribute(ATTR.errorType)) return;
    this.span.setAttribute(ATTR.errorType, this.hasTimedOut ? TIMEOUT : ABORTED);
  }
}

function isBeingRead(response: IncomingMessage): boolean {
  return response.readableFlowing !== null || response.listenerCount('readable') > 0;
}

/** Node's word for a connection that ended before there was an answer, whoever ended it. */
function isHangUp(error: unknown): boolean {
  const { message, syscall } = (error ?? {}) as { message?: unknown; syscall?: unknown };
  return message === 'socket hang up' && syscall === undefined;
}

/** Whether the other side ended the connection, in order or not. */
function isClosedByPeer(socket: Socket | null | undefined): boolean {
  return socket?.readableEnded === true || (socket?.errored ?? null) !== null;
}
