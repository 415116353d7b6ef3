// Posts one batch to the collector over a kept-alive connection that never keeps the process alive.

import * as http from 'node:http';
import * as https from 'node:https';
import { BATCH_HEADER } from '../otlp/names.js';
import type { Batch } from './queue.js';
import { isRetryable, retryAfterMs } from './retry.js';

/** Requests at the same time. */
export const CONNECTIONS_MAX = 4;
const ANSWER_BYTES_MAX = 64 * 1024;

/** As they were when the agent was loaded: who replaces them later would record our requests as the application's. */
const requestBy: Readonly<Record<string, typeof http.request>> = {
  'http:': http.request,
  'https:': https.request,
};

/** How an attempt ended. A `refused` batch must not be sent again. */
export type SendResult =
  | { outcome: 'accepted' }
  | { outcome: 'retry'; afterMs: number; detail: string }
  | { outcome: 'refused'; status: number; detail: string };

/** Where batches go. */
export interface Target {
  /** Base URL of the collector, without the signal's path. */
  endpoint: URL;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** Sends batches; holds the connections. */
export class Sender {
  readonly #target: Target;
  readonly #agent: http.Agent;

  constructor(target: Target) {
    this.#target = target;
    const Agent = target.endpoint.protocol === 'https:' ? https.Agent : http.Agent;
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  }

  /** Sends `batch`; `done` is called exactly once. Call it in a suppressed context, so that it is not recorded itself. */
  send(batch: Batch, done: (result: SendResult) => void): void {
    let isDone = false;
    const finish = (result: SendResult): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      done(result);
    };
    const fail = (error: Error): void =>
      finish({ outcome: 'retry', afterMs: 0, detail: error.message || error.name });
    const request = this.#open(batch);
    const timer = setTimeout(() => request.destroy(new Error('timeout')), this.#target.timeoutMs);
    timer.unref();
    request.on('socket', (socket) => socket.unref());
    request.on('error', fail);
    request.on('response', (response) => {
      readAnswer(response, (detail) => finish(resultOf(response, detail)));
      response.on('error', fail);
      response.on('aborted', () => fail(new Error('the answer was cut off')));
    });
    request.end(batch.body);
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  #open(batch: Batch): http.ClientRequest {
    const { endpoint, headers } = this.#target;
    const request = requestBy[endpoint.protocol] ?? http.request;
    return request(requestUrl(endpoint, batch.path), {
      method: 'POST',
      agent: this.#agent,
      headers: { ...headers, ...batchHeaders(batch) },
    });
  }
}

/** The URL for a signal's path under a base URL that may have a path of its own. */
export function requestUrl(endpoint: URL, path: string): URL {
  const url = new URL(endpoint);
  url.pathname = endpoint.pathname.replace(/\/+$/, '') + path;
  return url;
}

/** The headers that depend on the batch. */
export function batchHeaders(batch: Batch): Record<string, string> {
  return {
    'content-type': 'application/x-protobuf',
    'content-length': String(batch.body.length),
    ...(batch.gzipped ? { 'content-encoding': 'gzip' } : {}),
    [BATCH_HEADER]: batch.id,
  };
}

function readAnswer(response: http.IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk);
  });
  response.on('end', () => done(Buffer.concat(chunks).toString('latin1')));
}

function resultOf(response: http.IncomingMessage, text: string): SendResult {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return { outcome: 'accepted' };
  const detail = `HTTP ${status} ${text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)}`.trim();
  if (!isRetryable(status)) return { outcome: 'refused', status, detail };
  const afterMs = retryAfterMs(response.headers['retry-after'], Date.now());
  return { outcome: 'retry', afterMs, detail };
}
