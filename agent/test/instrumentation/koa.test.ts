// Routes and errors of Koa, both ends of the range, with the routers of their time.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { spansOf } from '../support/request-spans.js';

const VERSIONS = [
  { KOA: 'koa-low', ROUTER: 'koa-router-low' },
  { KOA: 'koa', ROUTER: '@koa/router' },
];

describe('koa', { concurrency: false }, () => {
  let collector: FakeCollector;
  let apps: App[] = [];

  const start = async (options: {
    fixture: string;
    env?: Record<string, string>;
  }): Promise<App> => {
    collector = new FakeCollector();
    await collector.listen();
    const app = new App({ ...options, collector });
    apps.push(app);
    return app;
  };
  afterEach(async () => {
    for (const app of apps) await app.stop();
    apps = [];
    await collector.close();
  });

  for (const env of VERSIONS) {
    it(`tells the pattern of nested routers: ${env.KOA}`, async () => {
      const app = await start({ fixture: 'koa.cjs', env });
      const bare = new App({ fixture: 'koa.cjs', nodeArgs: [], env });
      apps.push(bare);
      const answer = await app.get('/api/users/7');
      assert.deepEqual(answer, await bare.get('/api/users/7'), 'what the application saw');
      const { entry } = await spansOf(collector, '/api/users/7');
      assert.equal(entry.name, 'GET /api/users/:id');
      assert.equal(entry.attributes['http.route'], '/api/users/:id');
    });

    it(`tells the error behind a 500, and no route where none matched: ${env.KOA}`, async () => {
      const app = await start({ fixture: 'koa.cjs', env });
      assert.equal((await app.get('/api/users/7/fail')).status, 500);
      await app.get('/plain');
      const failed = await spansOf(collector, '/api/users/7/fail');
      assert.equal(failed.entry.name, 'GET /api/users/:id/fail');
      assert.equal(failed.entry.attributes['error.type'], 'RangeError');
      assert.equal(failed.entry.events[0]?.attributes['exception.message'], 'failed on purpose');
      const plain = await spansOf(collector, '/plain');
      assert.equal(plain.entry.name, 'GET');
      assert.equal(plain.entry.events.length, 0);
    });
  }

  it('tells the pattern in an ES module', async () => {
    const app = await start({ fixture: 'koa.mjs' });
    await app.get('/api/users/7');
    const { entry } = await spansOf(collector, '/api/users/7');
    assert.equal(entry.name, 'GET /api/users/:id');
  });
});
