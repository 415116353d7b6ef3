// A Fastify service in TypeScript and ESM, started through tsx: the slow service behind it is named.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { it } from 'node:test';
import { ROOT } from './demo-run.js';
import { ask, runService } from './run-service.js';

it('names the slow downstream of a Fastify service in TypeScript', async () => {
  const prices = createServer((_request, response) => {
    setTimeout(() => response.end('{"cents": 199}'), 120);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => prices.once('listening', resolve));
  const { port } = prices.address() as AddressInfo;
  try {
    const outcome = await runService({
      app: 'fastify-quotes',
      command: [join(ROOT, 'node_modules', '.bin', 'tsx'), 'server.ts'],
      env: { PRICES_URL: `http://127.0.0.1:${port}` },
      load: async (url) => {
        const paths = Array.from({ length: 60 }, (_, i) => `${url}/quotes/${i}`);
        await ask([...paths, `${url}/health`], 4);
      },
    });
    assert.match(outcome.stdout, /^listening \d+\nbye\n$/);
    assert.equal(outcome.code, 0, outcome.stderr);
    const [first] = outcome.verdict.bottlenecks;
    assert.equal(first?.cause, 'slow_downstream', outcome.stderr);
    assert.equal(first.service, 'quotes');
    assert.equal(first.route, 'GET /quotes/:id');
    assert.match(first.statement, new RegExp(`127\\.0\\.0\\.1:${port}`));
    assert.ok(first.costMs > 90 && first.costMs < 400, String(first.costMs));
    assert.equal(outcome.verdict.bottlenecks.length, 1, outcome.stderr);
    assert.deepEqual(outcome.left, []);
  } finally {
    prices.closeAllConnections();
    prices.close();
  }
});
