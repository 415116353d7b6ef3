// V8 once made what requests carry in its old generation, two kilobytes a request that only a full collection freed: it
// had seen object literals outlive collections. See `trace/paid.ts`.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { startRedis } from '../support/redis.js';

const REQUESTS = 6000;
/** Each collection of the young generation promoted 45 kB to 3 MB; the lower quartile is 0.4 to 8 kB since. */
const PROMOTED_BYTES_MAX = 20_000;

it('what a request carries dies in the young generation', async () => {
  const collector = new FakeCollector();
  const redis = await startRedis();
  await collector.listen();
  const app = new App({
    fixture: 'young-requests.cjs',
    collector,
    nodeArgs: ['--trace-gc', '--trace-gc-nvp', '--require', REGISTER],
    env: {
      LIBRARY: require.resolve('ioredis'),
      REDIS_PORT: String(redis.port),
      REQUESTS: String(REQUESTS),
      VENTURI_SPANS_PER_SECOND: '0',
      VENTURI_WATCHDOG: 'false',
    },
  });
  await once(app.child, 'message');
  const { stdout } = await app.stop('SIGTERM');
  await Promise.all([collector.close(), redis.stop()]);
  const traced = stdout.slice(stdout.indexOf('warm'), stdout.indexOf('served'));
  // Node 26 prints JSON.
  const promoted = [...traced.matchAll(/\bpromoted"?[=:](\d+)/g)].map(([, bytes]) => Number(bytes));
  assert.ok(promoted.length > 5, traced);
  // What is made old is promoted by every collection. Some promote more whatever the agent does: those that come with a
  // full one, and on Node 26 those that come while code is still being compiled. So most of them are not asked.
  const quartile = promoted.sort((a, b) => a - b)[promoted.length >> 2] ?? 0;
  assert.ok(quartile < PROMOTED_BYTES_MAX, `${promoted.join(' ')} bytes were promoted`);
});
