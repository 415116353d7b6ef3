// A collector's HTTP API with answers that a test chooses.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeCollector {
  url: string;
  /** Every request, as `METHOD /path?query`. */
  requests: string[];
  /** Answers by path; what is not here is 404. */
  answers: Map<string, unknown>;
  close(): Promise<void>;
}

/** Starts it on a free port; it says that it is a collector and has seen nothing. */
export async function startFakeCollector(): Promise<FakeCollector> {
  const requests: string[] = [];
  const answers = new Map<string, unknown>([
    ['/healthz', { name: 'venturi-collector', version: '0.1.0', pid: 1, dataDir: '/data' }],
    ['/readyz', { ready: true }],
    ['/api/v1/bottlenecks', { from: 1, to: 2, requests: 0, bottlenecks: [], queries: [] }],
    ['/api/v1/flush', { flushed: true }],
    ['/api/v1/status', { received: 0, spooled: 0, inserted: 0, rejected: 0, services: [] }],
  ]);
  const server = createServer((request: IncomingMessage, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    const answer = answers.get((request.url ?? '').split('?')[0] ?? '');
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { code: 'NOT_FOUND', message: 'nothing here' }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
