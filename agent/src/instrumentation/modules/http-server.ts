// Records every request that an http or https server receives, as an entry span.

import type { EventEmitter } from 'node:events';

import http = require('node:http');
import https = require('node:https');

import { storage } from '../../context/store.js';
import { ATTR, SpanKind } from '../../otlp/names.js';
import { tellHookFailure } from '../../self/log.js';
import { errorType } from '../../trace/exception.js';
import { ABORTED } from '../../trace/in-flight.js';
import { incomingBaggage, parseTraceparent } from '../../trace/propagation.js';
import type { EntrySpan } from '../../trace/span.js';
import { startEntry } from '../../trace/tracer.js';
import { type CallerHeaders, callerAttributes } from '../caller.js';
import { ENTRY, entryOf, type Tied } from '../request-entry.js';

type Emit = (this: EventEmitter & Tied, ...args: unknown[]) => boolean;

const STATUS_FAILED_MIN = 500;

interface HeaderValues extends CallerHeaders {
  traceparent: string | undefined;
  traceState: string | undefined;
  baggage: string;
}

/** Replaces `emit` of servers and responses (requests: `message-events.ts`); no listener is added that an application could count. */
export function patchHttpServer(): void {
  patchServer(http.Server.prototype, 'http');
  patchServer(https.Server.prototype, 'https');
  patchResponse(http.ServerResponse.prototype);
}

function patchServer(prototype: EventEmitter, scheme: 'http' | 'https'): void {
  const original = prototype.emit as Emit;
  const emit: Emit = function emit(...args) {
    const event = args[0];
    // The same request comes twice where a 'checkContinue' listener hands it on.
    if ((event !== 'request' && event !== 'checkContinue') || entryOf(args[1] as object)) {
      return Reflect.apply(original, this, args);
    }
    const entry = begin(args[1] as http.IncomingMessage, args[2] as http.ServerResponse, scheme);
    if (entry === undefined) return Reflect.apply(original, this, args);
    return storage.run(entry.context, Reflect.apply, original, this, args);
  };
  prototype.emit = emit;
}

function patchResponse(prototype: EventEmitter): void {
  const original = prototype.emit as Emit;
  const emit: Emit = function emit(...args) {
    const entry = this[ENTRY];
    if (entry === undefined) return Reflect.apply(original, this, args);
    const event = args[0];
    if (!entry.ended && (event === 'finish' || event === 'close')) {
      finish(entry, this as http.ServerResponse, event === 'close');
    }
    // Most events have no listeners, and entering a context costs more than asking. Node itself listens to 'finish'.
    const others = this.listenerCount(event as string) - (event === 'finish' ? 1 : 0);
    if (others <= 0) return Reflect.apply(original, this, args);
    return storage.run(entry.context, Reflect.apply, original, this, args);
  };
  prototype.emit = emit;
}

function begin(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  scheme: 'http' | 'https',
): EntrySpan | undefined {
  try {
    const method = request.method ?? '';
    const headers = readHeaders(method, request.rawHeaders);
    const remote = parseTraceparent(headers.traceparent, headers.traceState);
    const path = pathOf(request.url ?? '');
    const entry = startEntry({ name: method, kind: SpanKind.SERVER }, remote, path);
    entry.method = method;
    entry.commonAttributes = callerAttributes(request.socket, headers, scheme);
    entry.setAttribute(ATTR.urlPath, path);
    // Two stores of two shapes each: in a shared function they would be megamorphic.
    (request as Tied)[ENTRY] = entry;
    (response as Tied)[ENTRY] = entry;
    if (headers.baggage !== '' && incomingBaggage.contextOf !== undefined) {
      entry.context = incomingBaggage.contextOf(entry, headers.baggage);
    }
    return entry;
  } catch (error) {
    tellHookFailure('http server', error);
    return undefined;
  }
}

function finish(entry: EntrySpan, response: http.ServerResponse, isClose: boolean): void {
  try {
    const isAborted = isClose && !response.writableFinished;
    if (!isAborted || response.headersSent) {
      entry.httpStatus = response.statusCode;
    }
    if (response.statusCode >= STATUS_FAILED_MIN) {
      const thrown = entry.lastException;
      entry.setError(entry.exceptionMessage);
      const type = thrown === undefined ? String(response.statusCode) : errorType(thrown);
      if (!entry.hasAttribute(ATTR.errorType)) entry.setAttribute(ATTR.errorType, type);
    } else if (isAborted) {
      entry.setAttribute(ATTR.errorType, ABORTED);
    }
  } catch (error) {
    tellHookFailure('http server', error);
  }
  entry.end();
}

function pathOf(url: string): string {
  const at = url.indexOf('?');
  return at === -1 ? url : url.slice(0, at);
}

/**
 * Finds the few headers we need among the raw ones. `request.headers` would build an object that an application may
 * never ask for; lengths tell nearly all other headers apart without looking at their letters.
 */
function readHeaders(method: string, raw: readonly string[]): HeaderValues {
  const found: HeaderValues = {
    method,
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
