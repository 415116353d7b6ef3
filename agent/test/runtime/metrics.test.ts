// The runtime's own figures, as a collector receives them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeltaHistogram } from '../../src/runtime/delta-histogram.js';
import { TokenBucket } from '../../src/runtime/token-bucket.js';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';

const NAMES = [
  'nodejs.eventloop.delay.max',
  'nodejs.eventloop.delay.mean',
  'nodejs.eventloop.delay.min',
  'nodejs.eventloop.delay.p50',
  'nodejs.eventloop.delay.p90',
  'nodejs.eventloop.delay.p99',
  'nodejs.eventloop.utilization',
  'process.cpu.utilization',
  'process.memory.usage',
  'v8js.gc.duration',
  'v8js.memory.heap.limit',
  'v8js.memory.heap.space.physical_size',
  'v8js.memory.heap.used',
  'venturi.agent.spans.dropped',
  'venturi.agent.spans.exported',
  'venturi.agent.spans.sampled_out',
  'venturi.memory.external',
  'venturi.memory.heap.limit',
  'venturi.memory.heap.total',
  'venturi.memory.heap.used',
];

describe('runtime metrics', { concurrency: false }, () => {
  it('come within seconds, and once more at the end', async () => {
    const collector = new FakeCollector();
    await collector.listen();
    const app = new App({ fixture: 'stalls.cjs', collector });
    try {
      // The first may come before the monitor's timer has run once, and then nothing is seen to be late.
      await app.get('/burn?ms=200');
      await app.get('/burn?ms=200');
      await app.get('/prepare');
      const rounds = (): number =>
        collector.metrics.filter(({ name }) => name === 'process.memory.usage').length;
      await waitUntil(() => rounds() === 1, String);
      const named = new Map(collector.metrics.map((metric) => [metric.name, metric]));
      assert.deepEqual([...named.keys()].sort(), NAMES);
      const value = (name: string): number => named.get(name)?.points[0]?.value ?? Number.NaN;
      const delay = (part: string): number => value(`nodejs.eventloop.delay.${part}`);
      assert.ok(delay('max') >= 0.15 && delay('max') < 5);
      assert.ok(delay('min') >= 0 && delay('min') <= delay('p50') && delay('p50') <= delay('p99'));
      const utilization = value('nodejs.eventloop.utilization');
      assert.ok(utilization > 0.05 && utilization <= 1);
      assert.ok(value('venturi.memory.heap.used') < value('venturi.memory.heap.limit'));
      const modes = named
        .get('process.cpu.utilization')
        ?.points.map((p) => p.attributes['cpu.mode']);
      assert.deepEqual(modes, ['user', 'system']);

      const gc = named.get('v8js.gc.duration');
      assert.deepEqual([gc?.type, gc?.temporality, gc?.unit], ['histogram', 1, 's']);
      const minor = gc?.points.find((point) => point.attributes['v8js.gc.type'] === 'minor');
      assert.ok(minor !== undefined && minor.count > 0 && minor.sum > 0 && minor.max >= minor.min);
      assert.equal(
        minor.bucketCounts.reduce((a, b) => a + b, 0),
        minor.count,
      );
      assert.ok(minor.timeNano > minor.startNano);

      await app.stop('SIGTERM');
      assert.equal(rounds(), 2);
    } finally {
      await app.stop();
      await collector.close();
    }
  });
});

describe('a delta histogram', () => {
  it('counts a value in the first bucket whose bound is not below it, and starts anew', () => {
    const histogram = new DeltaHistogram([1, 10]);
    for (const value of [0.5, 1, 2, 50]) histogram.record(value);
    const taken = { count: 4, sum: 53.5, min: 0.5, max: 50, bucketCounts: [2, 1, 1] };
    assert.deepEqual(histogram.take(), taken);
    assert.equal(histogram.take(), undefined);
  });
});

describe('a token bucket', () => {
  it('allows a burst, and then its rate', () => {
    const bucket = new TokenBucket({ burst: 3, perSecond: 10, nowMs: 0 });
    const taken = [0, 0, 0, 0, 50, 100, 150].map((ms) => bucket.take(ms));
    assert.deepEqual(taken, [true, true, true, false, false, true, false]);
  });
});
