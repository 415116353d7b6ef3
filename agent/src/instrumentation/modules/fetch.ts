// Records outgoing calls of fetch and undici, through the diagnostics channels that undici publishes.

import { subscribe } from 'node:diagnostics_channel';
import { isSuppressed } from '../../context/store.js';
import { tellHookFailure } from '../../self/log.js';
import { injectContext } from '../../trace/propagation.js';
import type { Span } from '../../trace/span.js';
import { endOutgoing, setOutgoingStatus, setSocketWait, startOutgoing } from '../outgoing.js';

/** undici's request, as https://undici.nodejs.org/#/docs/api/DiagnosticsChannel documents it. */
interface UndiciRequest {
  origin: string | URL;
  path: string;
  method: string;
  headers: string | readonly unknown[] | null | undefined;
  addHeader(name: string, value: string): unknown;
}

interface Message {
  request: UndiciRequest;
  response?: { statusCode: number };
  error?: unknown;
}

const spans = new WeakMap<UndiciRequest, Span>();

/** Subscribes to undici's channels; undici itself is not loaded by this. */
export function patchFetch(): void {
  listen('undici:request:create', ({ request }) => begin(request));
  listen('undici:client:sendHeaders', ({ request }) => {
    const span = spans.get(request);
    if (span !== undefined) setSocketWait(span);
  });
  listen('undici:request:headers', ({ request, response }) => {
    const span = spans.get(request);
    if (span !== undefined) setOutgoingStatus(span, response?.statusCode ?? 0);
  });
  listen('undici:request:trailers', ({ request }) => end(request));
  listen('undici:request:error', ({ request, error }) => {
    spans.get(request)?.recordException(error);
    end(request);
  });
}

function listen(channel: string, onMessage: (message: Message) => void): void {
  subscribe(channel, (message) => {
    try {
      onMessage(message as Message);
    } catch (error) {
      tellHookFailure('fetch', error);
    }
  });
}

function begin(request: UndiciRequest): void {
  if (isSuppressed()) return;
  const url = new URL(request.origin);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const { method, path } = request;
  const { origin, hostname } = url;
  const span = startOutgoing({ method, origin, path, address: hostname, port });
  spans.set(request, span);
  if (hasTraceparent(request.headers)) return;
  injectContext(span, request, addHeader);
}

function addHeader(request: UndiciRequest, name: string, value: string): void {
  request.addHeader(name, value);
}

function end(request: UndiciRequest): void {
  const span = spans.get(request);
  if (span === undefined) return;
  spans.delete(request);
  endOutgoing(span);
}

/** undici 5 and Node 20 keep headers as one string of lines, later ones as a list of names and values. */
function hasTraceparent(headers: UndiciRequest['headers']): boolean {
  if (typeof headers === 'string') return /(^|\n)traceparent:/i.test(headers);
  if (!Array.isArray(headers)) return false;
  return headers.some((name, i) => i % 2 === 0 && String(name).toLowerCase() === 'traceparent');
}
