// Records outgoing calls of http.request and https.request, and passes the trace on in their headers.

import type { EventEmitter } from 'node:events';

import http = require('node:http');
import https = require('node:https');

import { syncBuiltinESMExports } from 'node:module';
import { activeContext, isSuppressed, storage } from '../../context/store.js';
import { tellHookFailure } from '../../self/log.js';
import { injectContext } from '../../trace/propagation.js';
import type { ActiveContext, Span } from '../../trace/span.js';
import { endOutgoing, setOutgoingStatus, setSocketWait, startOutgoing } from '../outgoing.js';

type Emit = (this: EventEmitter, ...args: unknown[]) => boolean;
type Request = (...args: unknown[]) => http.ClientRequest;

const CALL = Symbol('venturi.call');

/** An outgoing call: its span, and the context in which its events belong. */
interface Call {
  span: Span;
  caller: ActiveContext | undefined;
}

interface Tied {
  [CALL]?: Call;
}

interface HttpModule {
  request: unknown;
  get: unknown;
}

/** Replaces `request` and `get` of both modules, for `import { request }` too. */
export function patchHttpClient(): void {
  patchModule(http);
  patchModule(https);
  patchRequestEvents(http.ClientRequest.prototype);
  patchResponseEvents(http.IncomingMessage.prototype);
  syncBuiltinESMExports();
}

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
  module.request = request;
  module.get = get;
}

function record(request: http.ClientRequest): void {
  try {
    if (isSuppressed()) return;
    const caller = activeContext();
    const { protocol, host, method, path } = request;
    const port = portOf(request, protocol);
    const origin = `${protocol}//${host}${isDefaultPort(protocol, port) ? '' : `:${port}`}`;
    const span = startOutgoing({ method, origin, path, address: host, port });
    // Headers given as an array, or with `Expect`, are already on their way.
    if (!request.headersSent && !request.hasHeader('traceparent')) {
      injectContext(span, request, setHeader);
    }
    (request as Tied)[CALL] = { span, caller };
  } catch (error) {
    tellHookFailure('http client', error);
  }
}

function setHeader(request: http.ClientRequest, name: string, value: string): void {
  request.setHeader(name, value);
}

function patchRequestEvents(prototype: EventEmitter): void {
  const original = prototype.emit as Emit;
  const emit: Emit = function emit(...args) {
    const call = (this as Tied)[CALL];
    if (call === undefined) return Reflect.apply(original, this, args);
    follow(call, args[0], args[1]);
    if (storage.getStore() === call.caller) {
      return Reflect.apply(original, this, args);
    }
    return storage.run(call.caller, Reflect.apply, original, this, args);
  };
  prototype.emit = emit;
}

function follow(call: Call, event: unknown, argument: unknown): void {
  const { span } = call;
  if (event === 'response') {
    const response = argument as http.IncomingMessage;
    setOutgoingStatus(span, response.statusCode ?? 0);
    (response as Tied)[CALL] = call;
  } else if (event === 'socket') {
    setSocketWait(span);
  } else if (event === 'upgrade' || event === 'connect') {
    setOutgoingStatus(span, (argument as http.IncomingMessage).statusCode ?? 0);
    endOutgoing(span);
  } else if (event === 'error') {
    span.recordException(argument);
    endOutgoing(span);
  } else if (event === 'close') {
    endOutgoing(span);
  }
}

function patchResponseEvents(prototype: EventEmitter): void {
  const original = prototype.emit as Emit;
  const emit: Emit = function emit(...args) {
    const call = (this as Tied)[CALL];
    if (call === undefined) return Reflect.apply(original, this, args);
    const event = args[0];
    if (event === 'error') call.span.recordException(args[1]);
    if (event === 'end' || event === 'close' || event === 'error') endOutgoing(call.span);
    if (storage.getStore() === call.caller) {
      return Reflect.apply(original, this, args);
    }
    return storage.run(call.caller, Reflect.apply, original, this, args);
  };
  prototype.emit = emit;
}

function portOf(request: http.ClientRequest, protocol: string): number {
  // Only the Host header knows the port: the request keeps none for itself.
  const host = request.getHeader('host');
  const match = typeof host === 'string' ? /:(\d{1,5})$/.exec(host) : null;
  if (match !== null) return Number(match[1]);
  return protocol === 'https:' ? 443 : 80;
}

function isDefaultPort(protocol: string, port: number): boolean {
  return port === (protocol === 'https:' ? 443 : 80);
}
