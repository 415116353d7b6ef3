// Records every request that an http or https server receives, as an entry span.

import { EventEmitter } from 'node:events';

import http = require('node:http');
import https = require('node:https');

import { storage } from '../../context/store.js';
import { ATTR } from '../../otlp/names.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { EntrySpan } from '../../trace/span.js';
import { type Emit, pass, passIn } from '../emit.js';
import { likeOriginal } from '../like-original.js';
import { ENTRY, entryOf, type Tied } from '../request-entry.js';
import { type EntryRequest, noteAnswer, openEntry } from '../server-entry.js';
import { leaveStep } from '../slow-step.js';

/** Nearly all requests have it, so it is not sent. */
const USUAL_VERSION = '1.1';

const meter = new Meter('http server');

/** Replaces `emit` of servers and responses (requests: `message-events.ts`); no listener is added that an application could count. */
export function patchHttpServer(): void {
  patchServer(http.Server.prototype, 'http');
  patchServer(https.Server.prototype, 'https');
  patchResponse(http.ServerResponse.prototype);
  patchHead(http.ServerResponse.prototype);
}

function patchServer(prototype: EventEmitter, scheme: 'http' | 'https'): void {
  prototype.emit = serverEmit(prototype.emit as Emit, scheme);
}

/** What takes the place of `original`, the `emit` of a server that speaks HTTP/1. */
export function serverEmit(original: Emit, scheme: 'http' | 'https'): Emit {
  function emit(this: EventEmitter, event: unknown, request: unknown, response: unknown): boolean {
    const isRequest = event === 'request' || event === 'checkContinue';
    // The same request comes twice where a 'checkContinue' listener hands it on.
    if (!isRequest || entryOf(request as object) !== undefined) {
      // biome-ignore lint/complexity/noArguments: only passed on, they make no array.
      return Reflect.apply(original, this, arguments);
    }
    const entry = begin(request as http.IncomingMessage, response as http.ServerResponse, scheme);
    const outer = storage.getStore();
    if (entry !== undefined) storage.enterWith(entry.context);
    try {
      return original.call(this, event, request, response);
    } finally {
      if (entry !== undefined) storage.enterWith(outer);
    }
  }
  return likeOriginal(emit, original);
}

function patchResponse(prototype: EventEmitter): void {
  const original = prototype.emit as Emit;
  // Without listeners, as most events are, it has nothing to do; somebody else's may want to see them all.
  const isNodes = original === EventEmitter.prototype.emit;
  function emit(this: EventEmitter & Tied, event: unknown, argument: unknown): boolean {
    // biome-ignore-start lint/complexity/noArguments: only passed on and counted, they make no array either.
    const count = arguments.length;
    const entry = this[ENTRY];
    if (entry === undefined) return Reflect.apply(original, this, arguments);
    if (!entry.ended && (event === 'finish' || event === 'close')) {
      finish(entry, this as http.ServerResponse, event === 'close');
    }
    if (count !== 1 && count !== 2) {
      return storage.run(entry.context, Reflect.apply, original, this, arguments);
    }
    // biome-ignore-end lint/complexity/noArguments: see above.
    const listeners = this.listenerCount(event as string);
    if (listeners === 0 && isNodes && event !== 'error') return false;
    // Entering a context costs more than asking. Node itself listens to 'finish'.
    if (listeners <= (event === 'finish' ? 1 : 0)) {
      return pass(original, this, count, event, argument);
    }
    return passIn(entry.context, original, this, count, event, argument);
  }
  prototype.emit = likeOriginal(emit, original);
}

/** With the head of the answer a framework's handler has done what the client waited for; a body may stream for long. */
function patchHead(prototype: { writeHead: (...args: never[]) => unknown }): void {
  const original = prototype.writeHead;
  function writeHead(this: Tied, ...args: unknown[]): unknown {
    const entry = this[ENTRY];
    if (entry?.step !== undefined) leaveStep(entry);
    return Reflect.apply(original, this, args);
  }
  prototype.writeHead = likeOriginal(writeHead, original);
}

function begin(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  scheme: 'http' | 'https',
): EntrySpan | undefined {
  const sinceMs = starts();
  try {
    const entry = openEntry(readRequest(request), request.socket, scheme);
    const { httpVersion } = request;
    if (httpVersion !== USUAL_VERSION) entry.setAttribute(ATTR.protocolVersion, httpVersion);
    // Two stores of two shapes each: in a shared function they would be megamorphic.
    (request as Tied)[ENTRY] = entry;
    (response as Tied)[ENTRY] = entry;
    return entry;
  } catch (error) {
    tellHookFailure('http server', error);
    return undefined;
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function finish(entry: EntrySpan, response: http.ServerResponse, isClose: boolean): void {
  const sinceMs = starts();
  try {
    const isAborted = isClose && !response.writableFinished;
    const isAnswered = !isAborted || response.headersSent;
    noteAnswer(entry, isAnswered ? response.statusCode : 0, isAborted);
  } catch (error) {
    tellHookFailure('http server', error);
  }
  entry.end();
  if (sinceMs !== 0) meter.ends(sinceMs);
}

/**
 * Finds the few headers we need among the raw ones. `request.headers` would build an object that an application may
 * never ask for; lengths tell nearly all other headers apart without looking at their letters.
 */
function readRequest(request: http.IncomingMessage): EntryRequest {
  const raw = request.rawHeaders;
  const found: EntryRequest = {
    method: request.method ?? '',
    url: request.url ?? '',
    host: '',
    userAgent: '',
    forwardedFor: '',
    traceparent: undefined,
    traceState: undefined,
    baggage: '',
  };
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const { length } = name;
    if (length !== 4 && length !== 7 && length !== 10 && length !== 11 && length !== 15) continue;
    const value = raw[i + 1] as string;
    const lower = name.toLowerCase();
    if (lower === 'host') found.host = value;
    else if (lower === 'user-agent') found.userAgent = value;
    else if (lower === 'traceparent') found.traceparent = value;
    else if (lower === 'x-forwarded-for') found.forwardedFor = value;
    else if (lower === 'tracestate') {
      found.traceState = found.traceState === undefined ? value : `${found.traceState},${value}`;
    } else if (lower === 'baggage') {
      found.baggage = found.baggage === '' ? value : `${found.baggage},${value}`;
    }
  }
  return found;
}
