// The agent once recorded its own exports from Node 22.12 on, each of which was then the cause of the next.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';

const CLIENT = 3;
const EXPORTS = 4;

it('the exports of the agent are not recorded', async () => {
  const collector = new FakeCollector();
  await collector.listen();
  const app = new App({
    fixture: 'http.cjs',
    collector,
    env: { VENTURI_METRICS_INTERVAL_MS: '100' },
  });
  await app.get('/plain');
  await collector.waitForSpans((spans) => spans.length > 0);
  // Metrics are exports as well, and come without any request.
  const until = collector.requests.length + EXPORTS;
  await waitUntil(
    () => collector.requests.length >= until,
    () => `${collector.requests.length} exports`,
  );
  await app.stop('SIGTERM');
  await collector.close();
  assert.deepEqual(
    collector.spans.filter(({ kind }) => kind === CLIENT).map(({ name }) => name),
    [],
  );
});
