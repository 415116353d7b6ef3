// A service whose traces are sampled: what is kept, what it counts for, and what others are told.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';

const SERVER = 2;
/** R is 0 in this one, and as large as it can be in the other. */
const UNLUCKY = '0af7651916cd43dd8400000000000000';
const LUCKY = '0af7651916cd43dd84ffffffffffffff';
const CALLER = 'b7ad6b7169203331';

describe('sampling', { concurrency: false }, () => {
  const collector = new FakeCollector();
  let app: App | undefined;

  before(async () => {
    await collector.listen();
  });
  after(async () => {
    await collector.close();
  });
  afterEach(async () => {
    await app?.stop();
    collector.spans.length = 0;
    collector.metrics.length = 0;
  });

  const start = (env: Record<string, string>): App => {
    app = new App({
      fixture: 'http.cjs',
      collector,
      env: { VENTURI_METRICS_INTERVAL_MS: '200', ...env },
    });
    return app;
  };
  const entries = (): DecodedSpan[] => collector.spans.filter(({ kind }) => kind === SERVER);
  const sampledOut = (): number =>
    collector.metrics
      .filter(({ name }) => name === 'venturi.agent.spans.sampled_out')
      .flatMap(({ points }) => points)
      .reduce((sum, { value }) => sum + value, 0);
  const from = (traceId: string, flags: string, state?: string): Record<string, string> => ({
    traceparent: `00-${traceId}-${CALLER}-${flags}`,
    ...(state === undefined ? {} : { tracestate: state }),
  });

  it('follows the caller, and takes its weight over', async () => {
    const service = start({ OTEL_TRACES_SAMPLER: 'parentbased_always_on' });
    await service.get('/plain', { headers: from(LUCKY, '01', 'ot=th:8') });
    await service.get('/plain', { headers: from(UNLUCKY, '00') });
    await collector.waitForSpans(() => entries().length === 1);
    await waitUntil(
      () => sampledOut() >= 1,
      () => `${sampledOut()} sampled out`,
    );
    const [kept] = entries();
    assert.equal(kept?.traceId, LUCKY);
    assert.equal(kept?.traceState, 'ot=th:800000000000');
  });

  it('keeps a ratio of what starts here, and says what each one counts for', async () => {
    const service = start({
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    await service.get('/plain', { headers: from(LUCKY, '01') });
    await service.get('/plain', { headers: from(UNLUCKY, '01') });
    await collector.waitForSpans(() => entries().length === 1);
    assert.equal(entries()[0]?.traceId, LUCKY);
    assert.equal(entries()[0]?.traceState, 'ot=th:800000000000');
  });

  it('records nothing under always_off', async () => {
    const service = start({ OTEL_TRACES_SAMPLER: 'always_off' });
    await service.get('/plain');
    await waitUntil(
      () => sampledOut() >= 1,
      () => 'no count',
    );
    assert.deepEqual(entries(), []);
  });

  it('keeps failures whole beyond the budget', async () => {
    const service = start({ VENTURI_SPANS_PER_SECOND: '10' });
    const until = Date.now() + 3500;
    while (Date.now() < until) {
      await Promise.all(Array.from({ length: 20 }, () => service.get('/plain')));
      await service.get('/status');
    }
    await waitUntil(
      () => sampledOut() > 0,
      () => 'nothing was sampled out',
    );
    const weighted = entries().filter(({ traceState }) => traceState !== '');
    assert.ok(weighted.length > 0, 'some count for several');
    for (const { traceState } of weighted) assert.match(traceState, /^ot=th:[0-9a-f]{12}$/);
  });
});
