// Records every request that an http2 server receives, as an entry span, and what `allowHTTP1` servers receive beside.

import type { EventEmitter } from 'node:events';

import http = require('node:http');

import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

import net = require('node:net');

import { storage } from '../../context/store.js';
import { ATTR } from '../../otlp/names.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import type { EntrySpan } from '../../trace/span.js';
import type { CallerConnection } from '../caller.js';
import type { Emit as EmitOf } from '../emit.js';
import { likeOriginal } from '../like-original.js';
import { ENTRY, type Tied } from '../request-entry.js';
import { noteAnswer, openEntry } from '../server-entry.js';
import { serverEmit } from './http-server.js';

type Emit = EmitOf<Tied>;

const meter = new Meter('http2 server');

const CONNECTION = Symbol('venturi.connection');
const SENDS_FILE = Symbol('venturi.sends-file');
const PROTOCOL_VERSION = '2';
/** The code of a stream that nobody has reset, or that was reset when all was said. */
const NO_ERROR = 0;

/** Asked once, because a session that has ended no longer says it. */
interface Session extends ServerHttp2Session {
  [CONNECTION]?: CallerConnection;
}

interface Stream extends ServerHttp2Stream, Tied {
  [SENDS_FILE]?: boolean;
}

/** Request and response of the API that is like that of HTTP/1. */
interface Compatible extends Tied {
  stream?: Tied;
}

type SendFile = (this: Stream, ...args: unknown[]) => unknown;

let areStreamsPatched = false;
let areSessionsPatched = false;

/**
 * Replaces `emit` of all servers, where the first session of an http2 server is met: so node:http2, which is large, is
 * loaded only by who uses it. Call after `patchHttpServer`, whose servers then stay as they are.
 */
export function patchHttp2Server(): void {
  const prototype = net.Server.prototype as EventEmitter;
  const original = prototype.emit as Emit;
  const http1Emit = serverEmit(original, 'https');
  const emit: Emit = function emit(...args) {
    const event = args[0];
    if (event === 'session') meet(args[1] as Session);
    else if (event === 'request' || event === 'checkContinue' || event === 'checkExpectation') {
      // `allowHTTP1` needs TLS.
      if (args[1] instanceof http.IncomingMessage) return Reflect.apply(http1Emit, this, args);
      tie(args[1], args[2]);
    }
    return Reflect.apply(original, this, args);
  };
  prototype.emit = likeOriginal(emit, original);
}

/** Frameworks know request and response, not the stream. */
function tie(...messages: unknown[]): void {
  const entry = (messages[0] as Compatible | undefined)?.stream?.[ENTRY];
  if (entry === undefined) return;
  for (const message of messages) (message as Compatible)[ENTRY] = entry;
}

function meet(session: Session): void {
  try {
    const { localPort, remoteAddress } = session.socket;
    session[CONNECTION] = { localPort, remoteAddress };
    if (areSessionsPatched) return;
    areSessionsPatched = true;
    patchSessions(Object.getPrototypeOf(session) as EventEmitter);
  } catch (error) {
    tellHookFailure('http2 server', error);
  }
}

function patchSessions(prototype: EventEmitter): void {
  const original = prototype.emit as Emit;
  const emit: Emit = function emit(...args) {
    if (args[0] !== 'stream') return Reflect.apply(original, this, args);
    const entry = begin(args[1] as Stream, args[2] as IncomingHttpHeaders);
    if (entry === undefined) return Reflect.apply(original, this, args);
    return storage.run(entry.context, Reflect.apply, original, this, args);
  };
  prototype.emit = likeOriginal(emit, original);
}

function begin(stream: Stream, headers: IncomingHttpHeaders): EntrySpan | undefined {
  const sinceMs = starts();
  try {
    const session = stream.session as Session | undefined;
    const connection = session?.[CONNECTION];
    const method = headers[':method'];
    // CONNECT opens a tunnel, as an upgrade does, and may last for days.
    if (typeof method !== 'string' || method === 'CONNECT') return undefined;
    if (connection === undefined) return undefined;
    const request = {
      method,
      host: text(headers[':authority'] ?? headers.host),
      userAgent: text(headers['user-agent']),
      forwardedFor: text(headers['x-forwarded-for']),
      url: text(headers[':path']),
      traceparent: text(headers.traceparent) || undefined,
      traceState: text(headers.tracestate) || undefined,
      baggage: text(headers.baggage),
    };
    const entry = openEntry(request, connection, session?.encrypted === true ? 'https' : 'http');
    entry.setAttribute(ATTR.protocolVersion, PROTOCOL_VERSION);
    if (!areStreamsPatched) {
      areStreamsPatched = true;
      patchStreams(Object.getPrototypeOf(stream) as EventEmitter);
    }
    stream[ENTRY] = entry;
    return entry;
  } catch (error) {
    tellHookFailure('http2 server', error);
    return undefined;
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function text(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '');
}

function patchStreams(prototype: EventEmitter): void {
  const original = prototype.emit as Emit;
  const emit: Emit = function emit(...args) {
    const entry = this[ENTRY];
    if (entry === undefined) return Reflect.apply(original, this, args);
    if (!entry.ended) observe(entry, this as Stream, args);
    if (this.listenerCount(args[0] as string) === 0 || storage.getStore() === entry.context) {
      return Reflect.apply(original, this, args);
    }
    return storage.run(entry.context, Reflect.apply, original, this, args);
  };
  prototype.emit = likeOriginal(emit, original);
  const methods = prototype as unknown as Record<string, SendFile>;
  markFile(methods, 'respondWithFile');
  markFile(methods, 'respondWithFD');
}

/** Of a file 'finish' tells that it is being sent, not that it was. */
function markFile(methods: Record<string, SendFile>, name: string): void {
  const send = methods[name] as SendFile;
  methods[name] = likeOriginal(function (this: Stream, ...args: unknown[]) {
    this[SENDS_FILE] = true;
    return Reflect.apply(send, this, args);
  }, send);
}

function observe(entry: EntrySpan, stream: Stream, [event, argument]: unknown[]): void {
  const sinceMs = starts();
  try {
    if (event === 'error') entry.recordException(argument);
    const isClose = event === 'close';
    const isReset = stream.aborted || stream.rstCode !== NO_ERROR;
    // Node finishes a stream that was reset as well; the error, if there is one, comes after that.
    if (!isClose && (event !== 'finish' || isReset || stream[SENDS_FILE] === true)) return;
    const status = Number(stream.sentHeaders?.[':status'] ?? 0);
    noteAnswer(entry, status, isReset || !stream.writableFinished);
    entry.end();
  } catch (error) {
    tellHookFailure('http2 server', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}
