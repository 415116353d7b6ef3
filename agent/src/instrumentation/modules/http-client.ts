// Records outgoing calls of node:http and node:https, and passes the trace on in their headers.

import { subscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';

import http = require('node:http');
import https = require('node:https');

import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';
import { activeContext, isSuppressedIn, storage } from '../../context/store.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import { injectContext } from '../../trace/propagation.js';
import { isQueued } from '../agent-queue.js';
import { type Emit, pass, passIn } from '../emit.js';
import { HttpCall } from '../http-call.js';
import { likeOriginal } from '../like-original.js';
import { CALL } from '../message-events.js';
import { targetOfRequest } from '../target.js';

type Request = (...args: unknown[]) => http.ClientRequest;

const meter = new Meter('http client');

/** Published by the constructor since Node 22.12 and 23.2, so that there nothing has to be replaced. */
const CREATED = 'http.client.request.created';

interface Tied {
  [CALL]?: HttpCall;
}

interface HttpModule {
  request: unknown;
  get: unknown;
}

/** Learns of new requests and follows their events. */
export function patchHttpClient(): void {
  if (publishesCreated(process.versions.node)) {
    subscribe(CREATED, (message) => record((message as { request: http.ClientRequest }).request));
  } else {
    patchModule(http);
    patchModule(https);
    syncBuiltinESMExports();
  }
  patchRequestEvents(http.ClientRequest.prototype);
}

function publishesCreated(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 2) || (major === 22 && minor >= 12);
}

/** For `import { request }` too; a request made by `new http.ClientRequest` stays unknown here. */
function patchModule(module: HttpModule): void {
  const original = module.request as Request;
  function request(...args: unknown[]): http.ClientRequest {
    const outgoing = original(...args);
    record(outgoing);
    return outgoing;
  }
  // As Node's own `get`, which calls a `request` that cannot be replaced.
  function get(...args: unknown[]): http.ClientRequest {
    const outgoing = request(...args);
    outgoing.end();
    return outgoing;
  }
  module.get = likeOriginal(get, module.get as Request);
  module.request = likeOriginal(request, original);
}

function record(request: http.ClientRequest & Tied): void {
  const sinceMs = starts();
  try {
    const context = activeContext();
    if (isSuppressedIn(context)) return;
    const { protocol, host, method, path } = request;
    const hostHeader = request.getHeader('host');
    const target = targetOfRequest(
      protocol,
      host,
      typeof hostHeader === 'string' ? hostHeader : '',
    );
    const call = new HttpCall({ target, method, path, context });
    call.isQueued = isQueued(request);
    // Headers given as an array, or with `Expect`, are already on their way.
    if (!request.headersSent && !request.hasHeader('traceparent')) {
      injectContext(call.span, request, setHeader);
    }
    request[CALL] = call;
  } catch (error) {
    tellHookFailure('http client', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}

function setHeader(request: http.ClientRequest, name: string, value: string): void {
  request.setHeader(name, value);
}

function patchRequestEvents(prototype: http.ClientRequest): void {
  const original = prototype.emit as unknown as Emit;
  function emit(this: http.ClientRequest & Tied, event: unknown, argument: unknown): boolean {
    // biome-ignore-start lint/complexity/noArguments: only passed on and counted, they make no array either.
    const count = arguments.length;
    const call = this[CALL];
    if (call === undefined) return Reflect.apply(original, this, arguments);
    follow(call, this, event, argument);
    if (count !== 1 && count !== 2) {
      // 'upgrade', 'connect', and an application's own.
      return storage.run(call.context, Reflect.apply, original, this, arguments);
    }
    // biome-ignore-end lint/complexity/noArguments: see above.
    // Asking for listeners is cheaper than asking for the context.
    const result =
      this.listenerCount(event as string) === 0
        ? pass(original, this, count, event, argument)
        : passIn(call.context, original, this, count, event, argument);
    if (event === 'response') call.afterResponse(argument as http.IncomingMessage);
    return result;
  }
  (prototype as EventEmitter).emit = likeOriginal(emit, original) as EventEmitter['emit'];
}

function follow(
  call: HttpCall,
  request: http.ClientRequest,
  event: unknown,
  argument: unknown,
): void {
  const sinceMs = starts();
  try {
    if (event === 'socket') call.gotSocket(argument as Socket, request.reusedSocket);
    else if (event === 'finish') call.onFinish(request);
    else if (event === 'response') {
      call.onResponse(argument as http.IncomingMessage);
      (argument as Tied)[CALL] = call;
    } else if (event === 'upgrade' || event === 'connect') {
      call.onResponse(argument as http.IncomingMessage);
      call.end();
    } else if (event === 'error') call.onError(request, argument);
    else if (event === 'timeout') call.onTimeout();
    else if (event === 'close') call.onClose();
  } catch (error) {
    tellHookFailure('http client', error);
  } finally {
    if (sinceMs !== 0) meter.ends(sinceMs);
  }
}
