// A service whose agent may take next to nothing: what it says that it costs, and what it leaves out because of it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { THRESHOLD_NEVER, thresholdIn } from '../../src/trace/threshold.js';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';

const SERVER = 2;
/** Readings come every 5 s, and the second step is the first that leaves out requests where no logs are forwarded. */
const LOAD_MS = 24_000;
const CALLERS = 10;

describe('an agent that costs more than it may', () => {
  it('says which module it is, and leaves out requests as a whole, with weights that keep rates right', async () => {
    const collector = new FakeCollector();
    await collector.listen();
    const app = new App({
      fixture: 'http.cjs',
      collector,
      env: {
        VENTURI_CPU_SHARE_MAX: '0.0001',
        VENTURI_SPANS_PER_SECOND: '1000000',
        VENTURI_METRICS_INTERVAL_MS: '1000',
      },
    });
    let requests = 0;
    try {
      await app.port();
      const until = Date.now() + LOAD_MS;
      const call = async (): Promise<void> => {
        while (Date.now() < until) {
          await app.get('/body');
          requests++;
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, call));
    } finally {
      const { stderr } = await app.stop('SIGTERM');
      await collector.close();
      assert.equal(stderr.match(/VENTURI_A010/g)?.length, 1, stderr);
    }

    const points = (name: string): { value: number; attributes: Record<string, unknown> }[] =>
      collector.metrics.filter((metric) => metric.name === name).flatMap((metric) => metric.points);
    const modules = new Set(
      points('venturi.agent.cpu.time').map(({ attributes }) => attributes['venturi.module']),
    );
    for (const name of ['http server', 'http client', 'export']) assert.ok(modules.has(name), name);
    const ownS = points('venturi.agent.cpu.time').reduce((sum, { value }) => sum + value, 0);
    assert.ok(ownS > 0.01 && ownS < LOAD_MS / 1000 / 2, `${ownS} s`);
    const steps = points('venturi.agent.shed_steps').map(({ value }) => value);
    assert.ok(Math.max(...steps) >= 3, steps.join());
    for (const { value } of points('venturi.agent.cpu.share')) assert.ok(value >= 0 && value < 0.5);

    const { spans } = collector;
    const ids = new Set(spans.map(({ spanId }) => spanId));
    const orphans = spans.filter(
      ({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId),
    );
    assert.deepEqual(orphans, []);
    const roots = spans.filter(({ kind, parentSpanId }) => kind === SERVER && parentSpanId === '');
    assert.ok(roots.length < requests * 0.95, `${roots.length} of ${requests}`);
    const counted = roots.reduce((sum, { traceState }) => sum + weightOf(traceState), 0);
    assert.ok(
      Math.abs(counted / requests - 1) < 0.1,
      `${counted} of ${requests}, by ${roots.length} kept`,
    );
  });
});

/** For how many a request counts that was kept with the threshold of its `tracestate`. */
function weightOf(traceState: string): number {
  return 1 / (1 - (thresholdIn(traceState) ?? 0) / THRESHOLD_NEVER);
}
