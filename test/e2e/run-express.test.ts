// An Express service in CommonJS under `venturi run`: the function that blocks its event loop is named.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ask, runService } from './run-service.js';

it('names the function that blocks the loop of an Express service', async () => {
  const outcome = await runService({
    app: 'express-login',
    command: ['node', 'server.cjs'],
    load: async (url) => {
      const paths = Array.from({ length: 40 }, (_, i) => `${url}/login/user-${i}`);
      await ask([...paths, `${url}/health`], 3);
    },
  });
  assert.match(outcome.stdout, /^listening \d+\nbye\n$/);
  assert.equal(outcome.code, 7, outcome.stderr);
  const [first] = outcome.verdict.bottlenecks;
  assert.equal(first?.cause, 'loop_blocked', outcome.stderr);
  assert.equal(first.service, 'login');
  assert.equal(first.route, 'GET /login/:user');
  assert.match(first.callSite, /^hashPassword \(.*express-login\/server\.cjs:\d+\)$/);
  assert.match(first.traceId, /^[0-9a-f]{32}$/);
  assert.ok(first.costMs > 60, JSON.stringify(first));
  assert.equal(outcome.verdict.bottlenecks.length, 1, outcome.stderr);
  assert.match(outcome.stderr, /loop_blocked/);
  assert.deepEqual(outcome.left, []);
});
