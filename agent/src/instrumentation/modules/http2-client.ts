// Records outgoing calls over sessions of node:http2, and passes the trace on in their headers.

import { subscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { activeContext, isSuppressedIn, storage } from '../../context/store.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import { beforeConnection } from '../connection.js';
import { type Emit, pass, passIn } from '../emit.js';
import { Http2Call } from '../http2-call.js';
import {
  copyHeaders,
  headerOf,
  injectInto,
  isRecordedAsRpc,
  type SentHeaders,
} from '../http2-headers.js';
import { type Http2Internals, probeHttp2 } from '../http2-probe.js';
import { Http2Route, markUndici } from '../http2-route.js';
import { likeOriginal } from '../like-original.js';

const meter = new Meter('http2 client');

const CALL = Symbol('venturi.call');
const ROUTE = Symbol('venturi.route');
const LOADED = 'NativeModule http2';

interface Session extends ClientHttp2Session {
  [ROUTE]?: Http2Route;
}

interface Stream extends ClientHttp2Stream {
  [CALL]?: Http2Call;
}

type Method<Self, Result> = (this: Self, ...args: unknown[]) => Result;

/** A call that was begun, and what is sent for it. */
interface Begun {
  call: Http2Call;
  headers: SentHeaders;
}

let areStreamsPatched = false;

/**
 * Looks at each new connection whether node:http2 has been loaded meanwhile, as it must have been when `http2.connect`
 * makes one. It is large, and most services never load it.
 */
export function patchHttp2Client(): void {
  beforeConnection.call = () => {
    if (!isLoaded()) return;
    beforeConnection.call = undefined;
    try {
      patchSessions(probeHttp2(require('node:http2') as typeof import('node:http2')));
    } catch (error) {
      tellHookFailure('http2 client', error);
    }
  };
  // Before undici sends anything over it.
  subscribe('undici:client:connected', (message) => {
    const { socket } = message as { socket?: { alpnProtocol?: unknown } };
    if (socket?.alpnProtocol === 'h2') markUndici(socket);
  });
}

function isLoaded(): boolean {
  const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
  return moduleLoadList?.includes(LOADED) === true;
}

function patchSessions(internals: Http2Internals): void {
  const prototype = internals.prototype as unknown as { request: Method<Session, Stream> };
  const original = prototype.request;
  const request: typeof original = function (...args) {
    const isConnecting = this.connecting;
    const begun = begin(this, args[0], internals);
    if (begun === undefined) return Reflect.apply(original, this, args);
    const { call, headers } = begun;
    let stream: Stream;
    try {
      stream = Reflect.apply(original, this, [headers, ...args.slice(1)]);
    } catch (error) {
      fail(call, error);
      throw error;
    }
    tie(call, stream, isConnecting);
    return stream;
  };
  prototype.request = likeOriginal(request, original);
}

function begin(session: Session, given: unknown, internals: Http2Internals): Begun | undefined {
  const sinceMs = starts();
  try {
    const context = activeContext();
    if (isSuppressedIn(context)) return undefined;
    session[ROUTE] ??= new Http2Route(session, internals);
    const route = session[ROUTE];
    if (route.isUndici) return undefined;
    const headers = copyHeaders(given, internals.takesLists);
    if (headers === undefined || isRecordedAsRpc(headers, context)) return undefined;
    const method = String(headerOf(headers, ':method') ?? 'GET');
    const path = String(headerOf(headers, ':path') ?? (method === 'CONNECT' ? '' : '/'));
    const call = new Http2Call({ target: route.targetOf(headers), method, path, context }, route);
    injectInto(headers, call.span);
    return { call, headers };
  } catch (error) {
    tellHookFailure('http2 client', error);
    return undefined;
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function tie(call: Http2Call, stream: Stream, isConnecting: boolean): void {
  try {
    if (!areStreamsPatched) {
      areStreamsPatched = true;
      patchStreams(Object.getPrototypeOf(stream) as EventEmitter);
    }
    // Until the server has said how many it allows, Node asks for as many as it wants.
    const max = isConnecting ? undefined : stream.session?.remoteSettings.maxConcurrentStreams;
    call.onTaken(stream, isConnecting, max ?? Number.POSITIVE_INFINITY);
    stream[CALL] = call;
  } catch (error) {
    tellHookFailure('http2 client', error);
  }
}

function fail(call: Http2Call, error: unknown): void {
  try {
    call.fail(error);
  } catch (failure) {
    tellHookFailure('http2 client', failure);
  }
}

function patchStreams(prototype: EventEmitter): void {
  const original = prototype.emit as Emit;
  function emit(this: Stream, event: unknown, argument: unknown): boolean {
    // biome-ignore-start lint/complexity/noArguments: only passed on and counted, they make no array either.
    const count = arguments.length;
    const call = this[CALL];
    if (call === undefined) return Reflect.apply(original, this, arguments);
    if (event !== 'data' || call.route.slots.hasWaiting) follow(call, this, arguments);
    if (count !== 1 && count !== 2) {
      const result = storage.run(call.context, Reflect.apply, original, this, arguments);
      if (event === 'response') afterResponse(call, this);
      return result;
    }
    // biome-ignore-end lint/complexity/noArguments: see above.
    return this.listenerCount(event as string) === 0
      ? pass(original, this, count, event, argument)
      : passIn(call.context, original, this, count, event, argument);
  }
  prototype.emit = likeOriginal(emit, original) as EventEmitter['emit'];
  patchClose(prototype as unknown as { close: Method<Stream, void> });
}

/** Nothing else tells who has closed a stream. */
function patchClose(prototype: { close: Method<Stream, void> }): void {
  const original = prototype.close;
  const close: typeof original = function (...args) {
    try {
      if (!this.closed) this[CALL]?.onClosing(this);
    } catch (error) {
      tellHookFailure('http2 client', error);
    }
    return Reflect.apply(original, this, args);
  };
  prototype.close = likeOriginal(close, original);
}

function follow(call: Http2Call, stream: Stream, args: ArrayLike<unknown>): void {
  const sinceMs = starts();
  try {
    call.onEvent(stream, args);
  } catch (error) {
    tellHookFailure('http2 client', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function afterResponse(call: Http2Call, stream: Stream): void {
  try {
    call.afterResponse(stream);
  } catch (error) {
    tellHookFailure('http2 client', error);
  }
}
