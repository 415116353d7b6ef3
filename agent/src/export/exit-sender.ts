// The worker thread that sends what is left while the main thread waits inside its 'exit' event.

import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { workerData } from 'node:worker_threads';
import type { Batch } from './queue.js';
import { batchHeaders, requestUrl } from './sender.js';

/** What the main thread hands over. */
export interface ExitWork {
  /** One Int32, 0 until everything was tried. */
  done: SharedArrayBuffer;
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  batches: Batch[];
}

const { done, endpoint, headers, batches } = workerData as ExitWork;
const base = new URL(endpoint);
const isTls = base.protocol === 'https:';
const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });

sendNext(0);

function sendNext(index: number): void {
  const batch = batches[index];
  if (batch === undefined) {
    finish();
    return;
  }
  const request = (isTls ? httpsRequest : httpRequest)(requestUrl(base, batch.path), {
    method: 'POST',
    agent,
    headers: { ...headers, ...batchHeaders(batch) },
  });
  request.on('response', (response) => {
    response.resume();
    response.on('end', () => sendNext(index + 1));
  });
  // No second attempt: the main thread waits, and its time is better spent ending.
  request.on('error', finish);
  request.end(batch.body);
}

function finish(): void {
  const flag = new Int32Array(done);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}
