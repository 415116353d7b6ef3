// A collector that is away while a service is busy: memory stays where it was, and what was lost is told afterwards.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import { freePort } from '../support/free-port.js';

const QUEUE_BYTES = 1024 * 1024;
/** Some 8 MB of spans: the queue is full long before. */
const FIRST_REQUESTS = 20_000;
const MORE_REQUESTS = 40_000;
/** Ten times less than the spans of the further requests. */
const GROWTH_BYTES_MAX = 1_500_000;

describe('a collector that is away', { concurrency: false }, () => {
  let app: App | undefined;

  afterEach(() => app?.stop());
  after(() => app?.stop());

  const start = (endpoint: string): App => {
    app = new App({
      fixture: 'collector-away.cjs',
      nodeArgs: ['--expose-gc', '--require', REGISTER],
      env: {
        VENTURI_ENDPOINT: endpoint,
        VENTURI_QUEUE_BYTES_MAX: String(QUEUE_BYTES),
        VENTURI_FLUSH_INTERVAL_MS: '50',
        VENTURI_METRICS_INTERVAL_MS: '200',
        VENTURI_EXPORT_TIMEOUT_MS: '500',
        VENTURI_SPANS_PER_SECOND: '0',
        VENTURI_WATCHDOG: 'false',
      },
    });
    return app;
  };
  const serve = async (requests: number): Promise<number> => {
    app?.child.send(requests);
    return ((await once((app as App).child, 'message')) as [number])[0];
  };
  const growth = async (): Promise<number> => {
    const before = await serve(FIRST_REQUESTS);
    return (await serve(MORE_REQUESTS)) - before;
  };

  it('takes no memory where nobody listens, and each lost span is reported when it is back', async () => {
    const port = await freePort();
    await start(`http://127.0.0.1:${port}`).port();
    const grown = await growth();
    assert.ok(grown < GROWTH_BYTES_MAX, `${grown} bytes`);
    const collector = new FakeCollector();
    await collector.listen(port);
    const total = (name: string): number =>
      collector.metrics
        .filter((metric) => metric.name === name)
        .flatMap(({ points }) => points)
        .reduce((sum, { value }) => sum + value, 0);
    // The call and its serving.
    const spans = 2 * (FIRST_REQUESTS + MORE_REQUESTS);
    await waitUntil(
      () => collector.spans.length + total('venturi.agent.spans.dropped') === spans,
      () => `${collector.spans.length} and ${total('venturi.agent.spans.dropped')} of ${spans}`,
    );
    assert.ok(total('venturi.agent.spans.dropped') > spans / 2);
    assert.ok(total('venturi.agent.metrics.dropped') > 0);
    await collector.close();
  });

  it('takes none where it answers 503', async () => {
    const collector = new FakeCollector();
    collector.statusOf = () => 503;
    await collector.listen();
    await start(collector.url).port();
    const grown = await growth();
    await collector.close();
    assert.ok(grown < GROWTH_BYTES_MAX, `${grown} bytes`);
  });

  it('takes none where it accepts connections and never answers', async () => {
    const silent = await listenSilently();
    await start(silent.url).port();
    const grown = await growth();
    silent.close();
    assert.ok(grown < GROWTH_BYTES_MAX, `${grown} bytes`);
  });
});

async function listenSilently(): Promise<{ url: string; close: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    // Read, so that it is not the kernel that holds the sender up.
    socket.resume().on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
