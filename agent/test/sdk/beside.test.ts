// `@venturi/agent/sdk`: an application with an SDK of its own adds the agent's pieces to it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { logs, metrics, tracing } from '@opentelemetry/sdk-node';
import type { SdkPieces } from '../../src/sdk.js';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';

const EXPORTS = 4;

/** Holds when it compiles: the pieces are what an SDK takes. */
export function asTheSdkHasThem(pieces: SdkPieces): {
  spans: tracing.SpanProcessor;
  metrics: metrics.PushMetricExporter;
  logs: logs.LogRecordProcessor;
  ids: tracing.IdGenerator;
} {
  return {
    spans: pieces.spanProcessor,
    metrics: pieces.metricExporter,
    logs: pieces.logRecordProcessor,
    ids: pieces.idGenerator,
  };
}

describe('the pieces of the agent in an SDK', { concurrency: false }, () => {
  const ours = new FakeCollector();
  const theirs = new FakeCollector();
  before(() => Promise.all([ours.listen(), theirs.listen()]));
  after(() => Promise.all([ours.close(), theirs.close()]));

  const run = (env: Record<string, string>): App =>
    new App({
      fixture: 'sdk-service.cjs',
      collector: ours,
      nodeArgs: [],
      args: ['own'],
      env: { THEIRS: theirs.url, OTEL_LOGS_EXPORTER: 'none', ...env },
    });

  it('send what it records, and leave its own exporter what is its', async () => {
    const app = run({ VENTURI_METRICS_INTERVAL_MS: '100' });
    await app.get('/outer');
    await ours.waitForSpans((all) => all.length >= 4);
    await theirs.waitForSpans((all) => all.length >= 4);
    const until = ours.requests.length + EXPORTS;
    await waitUntil(
      () => ours.requests.length >= until && ours.logs.length > 0,
      () => `${ours.requests.length} exports, ${ours.logs.length} logs`,
    );
    const { stderr } = await app.stop('SIGTERM');
    const ids = (all: typeof ours.spans): string[] =>
      all
        .filter(({ name }) => name !== 'event loop blocked')
        .map(({ spanId }) => spanId)
        .sort();
    assert.deepEqual(ids(ours.spans), ids(theirs.spans));
    assert.equal(ids(ours.spans).length, 4);
    assert.equal(ours.spans.at(-1)?.resource['service.name'], 'named in code');
    const names = new Set(ours.metrics.map(({ name }) => name));
    assert.ok(names.has('orders'));
    assert.ok(names.has('nodejs.eventloop.utilization'));
    assert.equal(ours.logs[0]?.body, 'ordered');
    assert.equal(stderr, '');
  });

  it('are none where the agent is switched off', async () => {
    const [before, requests] = [theirs.spans.length, ours.requests.length];
    const app = run({ VENTURI_ENABLED: 'false' });
    await app.get('/outer');
    await theirs.waitForSpans((all) => all.length >= before + 4);
    await app.stop('SIGTERM');
    assert.equal(ours.requests.length, requests);
  });
});
