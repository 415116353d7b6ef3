// Records outgoing calls of fetch and undici, through the diagnostics channels that undici publishes.

import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { activeContext, isSuppressed } from '../../context/store.js';
import { tellHookFailure } from '../../self/log.js';
import { Meter, starts } from '../../self/meter.js';
import { now } from '../../trace/clock.js';
import { injectContext } from '../../trace/propagation.js';
import { OutgoingCall } from '../outgoing.js';
import { targetOfOrigin } from '../target.js';
import { takeDispatch } from '../undici-dispatch.js';

const meter = new Meter('fetch and undici');

const CALL = Symbol('venturi.call');
const TRACEPARENT = 'traceparent';
const STATUS_SWITCHING = 101;
const STATUS_FINAL_MIN = 200;

/** undici's request, as https://undici.nodejs.org/#/docs/api/DiagnosticsChannel documents it. */
interface UndiciRequest {
  origin: string | URL;
  path: string;
  method: string;
  headers: string | readonly unknown[] | null | undefined;
  body?: unknown;
  upgrade?: unknown;
  onUpgrade?: (...args: unknown[]) => unknown;
  addHeader(name: string, value: string): unknown;
  [CALL]?: OutgoingCall;
}

interface Message {
  request: UndiciRequest;
  response?: { statusCode: number; headers?: unknown };
  socket?: Socket & { alpnProtocol?: unknown };
  error?: unknown;
}

/** Subscribes to undici's channels; undici itself is not loaded by this. */
export function patchFetch(): void {
  listen('undici:request:create', ({ request }) => begin(request));
  listen('undici:client:sendHeaders', ({ request, socket }) => {
    const call = request[CALL];
    if (call === undefined || socket === undefined) return;
    call.gotSocket(socket, false);
    call.version = socket.alpnProtocol === 'h2' ? '2' : '1.1';
  });
  listen('undici:request:bodySent', ({ request }) => {
    const call = request[CALL];
    if (call !== undefined && request.body !== null) call.sentMs = now();
  });
  listen('undici:request:headers', onHeaders);
  listen('undici:request:trailers', ({ request }) => request[CALL]?.end());
  listen('undici:request:error', ({ request, error }) => request[CALL]?.fail(error));
}

function listen(channel: string, onMessage: (message: Message) => void): void {
  subscribe(channel, (message) => {
    const sinceMs = starts();
    try {
      onMessage(message as Message);
    } catch (error) {
      tellHookFailure('fetch', error);
    } finally {
      if (sinceMs !== 0) meter.ends(sinceMs);
    }
  });
}

function begin(request: UndiciRequest): void {
  const dispatch = takeDispatch();
  if (isSuppressed()) return;
  const { method, path } = request;
  const call = new OutgoingCall({
    target: targetOfOrigin(request.origin),
    method,
    path,
    context: dispatch === undefined ? activeContext() : dispatch.context,
    queued: dispatch?.queued,
    resend: dispatch?.resend,
  });
  dispatch?.sent(call);
  request[CALL] = call;
  if (request.upgrade || method === 'CONNECT') endAtUpgrade(request, call);
  if (!hasTraceparent(request.headers)) injectContext(call.span, request, addHeader);
}

/** undici 5 publishes nothing when a connection is handed over to the application. */
function endAtUpgrade(request: UndiciRequest, call: OutgoingCall): void {
  const original = request.onUpgrade;
  if (typeof original !== 'function') return;
  request.onUpgrade = function onUpgrade(...args) {
    if (call.status === 0) call.gotHead(Number(args[0]), undefined);
    call.end();
    return Reflect.apply(original, this, args);
  };
}

function addHeader(request: UndiciRequest, name: string, value: string): void {
  request.addHeader(name, value);
}

function onHeaders({ request, response }: Message): void {
  const status = response?.statusCode ?? 0;
  if (status < STATUS_FINAL_MIN && status !== STATUS_SWITCHING) return;
  request[CALL]?.gotHead(status, response?.headers);
}

/** undici 5 keeps headers as one string of lines, later ones as a list of names and values. */
function hasTraceparent(headers: UndiciRequest['headers']): boolean {
  if (typeof headers === 'string') return /(^|\n)traceparent:/i.test(headers);
  if (!Array.isArray(headers)) return false;
  for (let i = 0; i < headers.length; i += 2) {
    const name: unknown = headers[i];
    if (typeof name !== 'string' || name.length !== TRACEPARENT.length) continue;
    if (name.toLowerCase() === TRACEPARENT) return true;
  }
  return false;
}
