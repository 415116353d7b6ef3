// Hooks, middleware and handlers of Fastify and Express: those that are slow get a span, and none behaves otherwise.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { spansOf } from '../support/request-spans.js';

const SLOW_MS = 300;
const CLIENT = 3;
/** Without the watchdog, which on a slow machine rightly says that the loop was blocked. */
const ONLY_STEPS = { VENTURI_SLOW_HANDLER_MS: '250', VENTURI_WATCHDOG: 'false' };
const FASTIFY = ['fastify-low', 'fastify'];
const EXPRESS = ['express4-low', 'express4', 'express5-low', 'express'];
const PLACES_OF_FASTIFY = [
  ['onRequest', 'hook - checkKey', 'onRequest'],
  ['preHandler', 'hook - loadUser', 'preHandler'],
  ['handler', 'handler - getUser', 'handler'],
  ['onSend', 'hook - sign', 'onSend'],
];
const PLACES_OF_EXPRESS = [
  ['middleware', 'middleware - checkKey', 'middleware'],
  ['param', 'hook - id', 'param'],
  ['handler', 'handler - getUser', 'handler'],
];

for (const which of [...FASTIFY, ...EXPRESS]) {
  describe(`slow hooks and handlers of ${which}`, { concurrency: false }, () => {
    const collector = new FakeCollector();
    let app: App;
    let bare: App;

    before(async () => {
      await collector.listen();
      const env = { WHICH: which, ...ONLY_STEPS };
      app = new App({ fixture: 'slow-steps.cjs', collector, env });
      bare = new App({ fixture: 'slow-steps.cjs', nodeArgs: [], env: { WHICH: which } });
      // Compiles what the first request needs, which on a busy machine is slow itself.
      await app.get('/users/0');
    });
    after(async () => {
      await app.stop();
      await bare.stop();
      await collector.close();
    });

    const stepOf = async (path: string): Promise<DecodedSpan> => {
      const { spans } = await spansOf(collector, path);
      const steps = spans.filter(({ attributes }) => attributes['venturi.step.kind'] !== undefined);
      assert.deepEqual(
        steps.map(({ name }) => name),
        [steps[0]?.name],
      );
      const step = steps[0] as DecodedSpan;
      const ms = Number(step.endNano - step.startNano) / 1e6;
      assert.ok(ms >= SLOW_MS - 2, `${ms} ms`);
      return step;
    };

    it('get a span of their own', async () => {
      const places = FASTIFY.includes(which) ? PLACES_OF_FASTIFY : PLACES_OF_EXPRESS;
      for (const [place, name, kind] of places) {
        const path = `/users/at-${place}`;
        await app.get(`${path}?slow=${place}`);
        const step = await stepOf(path);
        assert.equal(step.name, name);
        assert.equal(step.attributes['venturi.step.kind'], kind);
        assert.equal(step.kind, 1);
      }
    });

    it('get none where they are quick or only stream', async () => {
      await app.get('/users/quick?call=nobody');
      const quick = await spansOf(collector, '/users/quick');
      assert.deepEqual(
        quick.spans.filter(({ kind }) => kind !== CLIENT),
        [],
      );
      await app.get('/stream');
      assert.deepEqual((await spansOf(collector, '/stream')).spans, []);
    });

    it('leave the parents of what they started', async () => {
      const { length } = collector.spans.filter(({ kind }) => kind === CLIENT);
      await app.get('/users/calls?slow=handler&call=nobody');
      // `spansOf` makes sure that all are children of the entry.
      await waitUntil(
        () => collector.spans.filter(({ kind }) => kind === CLIENT).length > length,
        () => 'no call',
      );
      const { spans } = await spansOf(collector, '/users/calls');
      assert.equal(spans.length, 2);
    });

    it('behave as without the agent', async () => {
      const paths = ['/users/7', '/users/7?next=route', '/users/7?fail=handler', '/users/7/all'];
      const others = ['/re', '/regex', '/sub', '/none', '/stream', '/refusals', '/%zz'];
      for (const path of [...paths, ...others, '/users/7?fail=hook']) {
        assert.deepEqual(await app.get(path), await bare.get(path), path);
      }
    });

    if (FASTIFY.includes(which)) {
      it('name the plugin that they belong to', async () => {
        await app.get('/users/plugin?slow=handler');
        const step = await stepOf('/users/plugin');
        assert.equal(step.attributes['venturi.step.owner'], 'users');
        assert.equal(step.attributes['code.function.name'], 'getUser');
      });
    } else {
      it('may be handlers of errors', async () => {
        assert.equal((await app.get('/users/error?fail=handler&slow=error')).status, 418);
        const step = await stepOf('/users/error');
        assert.equal(step.name, 'middleware - answerError');
      });
    }
  });
}
