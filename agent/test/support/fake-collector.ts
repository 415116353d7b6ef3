// An OTLP/HTTP server that keeps what it is sent and answers as it is told.

import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import {
  type DecodedLog,
  type DecodedMetric,
  type DecodedSpan,
  decodeLogs,
  decodeMetrics,
  decodeTraces,
} from './otlp-proto.js';

const WAIT_MS_MAX = 15_000;
const POLL_MS = 10;

/** How the next requests are answered. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
}

/** One request as it came. */
export interface Received {
  path: string;
  batch: string;
  encoding: string;
  contentType: string;
  headers: http.IncomingHttpHeaders;
  answered: number;
}

/** Records traces, metrics and logs. */
export class FakeCollector {
  readonly spans: DecodedSpan[] = [];
  readonly metrics: DecodedMetric[] = [];
  readonly logs: DecodedLog[] = [];
  readonly requests: Received[] = [];
  /** Answers given before it goes back to 200. */
  readonly answers: Answer[] = [];
  /** What is answered where `answers` has nothing. */
  statusOf: (path: string) => number = () => 200;
  readonly #server = http.createServer((request, response) => this.#receive(request, response));

  /** Listens on `port`, a free one where it is 0. */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until the spans satisfy `isEnough`; fails with what there is. */
  async waitForSpans(isEnough: (spans: readonly DecodedSpan[]) => boolean): Promise<DecodedSpan[]> {
    await waitUntil(
      () => isEnough(this.spans),
      () => JSON.stringify(this.spans.map((s) => s.name)),
    );
    return this.spans;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = this.answers.shift() ?? { status: this.statusOf(request.url ?? '') };
      const encoding = String(request.headers['content-encoding'] ?? '');
      const raw = Buffer.concat(chunks);
      const body = encoding === 'gzip' ? gunzipSync(raw) : raw;
      this.requests.push({
        path: request.url ?? '',
        batch: String(request.headers['venturi-batch']),
        contentType: String(request.headers['content-type']),
        headers: request.headers,
        encoding,
        answered: answer.status,
      });
      if (answer.status === 200) this.#keep(request.url ?? '', body);
      response.writeHead(answer.status, answer.headers).end();
    });
  }

  #keep(path: string, body: Buffer): void {
    if (path === '/v1/traces') this.spans.push(...decodeTraces(body));
    else if (path === '/v1/logs') this.logs.push(...decodeLogs(body));
    else this.metrics.push(...decodeMetrics(body));
  }
}

/** Polls until `isTrue`, and fails with `describe()` after 15 s. */
export async function waitUntil(isTrue: () => boolean, describe: () => string): Promise<void> {
  const deadline = Date.now() + WAIT_MS_MAX;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
