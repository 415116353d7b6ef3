// The exports of the agent once were requests of the application's to the application's own OpenTelemetry SDK.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';

const CLIENT = 3;
const EXPORTS = 4;

it("the exports of the agent are not recorded by the application's own SDK", async () => {
  const [ours, theirs] = [new FakeCollector(), new FakeCollector()];
  await Promise.all([ours.listen(), theirs.listen()]);
  const app = new App({
    fixture: 'api-sdk.cjs',
    collector: ours,
    env: { THEIRS: theirs.url, VENTURI_METRICS_INTERVAL_MS: '100' },
  });
  await app.get('/orders');
  const until = ours.requests.length + EXPORTS;
  await waitUntil(
    () => ours.requests.length >= until,
    () => `${ours.requests.length} exports`,
  );
  // Theirs are sent one by one, in order.
  const seen = theirs.spans.length;
  await app.get('/orders');
  await theirs.waitForSpans((all) => all.length > seen);
  await app.stop('SIGTERM');
  await Promise.all([ours.close(), theirs.close()]);
  assert.deepEqual(
    theirs.spans.filter(({ kind }) => kind === CLIENT).map(({ name }) => name),
    [],
  );
});
