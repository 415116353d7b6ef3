// Metrics: gauges, sums and histograms as ClickHouse holds them, and what is refused.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TestEngine } from '../support/engine.js';
import { keyValues, type Message, metricsRequest } from '../support/otlp.js';
import { createHarness } from './harness.js';

const engine = new TestEngine();
after(() => engine.close());

/** A time whose nanoseconds no double can hold. */
const timeMs = Date.now() - 10_000;
const timeNanos = (BigInt(timeMs) * 1_000_000n).toString();
const startNanos = (BigInt(timeMs - 5000) * 1_000_000n).toString();

function decode(metrics: Message[]) {
  const harness = createHarness();
  const result = harness.decoder.decode('metrics', metricsRequest(metrics), harness.block);
  for (const table of ['metric_points', 'metric_histograms', 'resources']) {
    engine.run(`TRUNCATE TABLE venturi.${table}`);
  }
  engine.insert(harness.block.write());
  return { ...result, counters: harness.counters };
}

test('gauges and sums become points with their attributes, times and unit', () => {
  const { accepted, rejected } = decode([
    {
      name: 'v8js.memory.heap.used',
      unit: 'By',
      gauge: {
        data_points: [
          {
            time_unix_nano: timeNanos,
            as_int: '-42',
            attributes: keyValues({ space: 'old', n: 1n }),
          },
        ],
      },
    },
    {
      name: 'venturi.agent.spans.exported',
      unit: '{span}',
      sum: {
        aggregation_temporality: 1,
        is_monotonic: true,
        data_points: [
          { start_time_unix_nano: startNanos, time_unix_nano: timeNanos, as_double: 1.5 },
        ],
      },
    },
  ]);
  assert.deepEqual({ accepted, rejected }, { accepted: 2, rejected: 0 });
  const rows = engine.rows(
    `SELECT tenant, service, metric, attrs, toUnixTimestamp64Milli(ts) AS ts,
     toUnixTimestamp64Milli(start_ts) AS start, type, temporality, unit, value,
     resource_id IN (SELECT resource_id FROM venturi.resources) AS known
     FROM venturi.metric_points ORDER BY metric`,
  );
  const common = { tenant: 'default', service: 'shop', ts: String(timeMs), known: 1 };
  assert.deepEqual(rows, [
    {
      ...common,
      metric: 'v8js.memory.heap.used',
      attrs: { space: 'old', n: '1' },
      start: '0',
      type: 'gauge',
      temporality: 'unspecified',
      unit: 'By',
      value: -42,
    },
    {
      ...common,
      metric: 'venturi.agent.spans.exported',
      attrs: {},
      start: String(timeMs - 5000),
      type: 'sum',
      temporality: 'delta',
      unit: '{span}',
      value: 1.5,
    },
  ]);
});

test('histograms keep their buckets, and one with a wrong number of buckets is refused', () => {
  const point = {
    start_time_unix_nano: startNanos,
    time_unix_nano: timeNanos,
    count: '6',
    sum: 0.75,
    min: 0.001,
    max: 0.5,
    explicit_bounds: [0.01, 0.1],
    bucket_counts: ['1', '2', '3'],
    attributes: keyValues({ 'v8js.gc.type': 'minor' }),
  };
  const wrong = { ...point, bucket_counts: ['1'] };
  const bare = { time_unix_nano: timeNanos, count: '9007199254740993' };
  const result = decode([
    {
      name: 'v8js.gc.duration',
      unit: 's',
      histogram: { aggregation_temporality: 1, data_points: [point, wrong, bare] },
    },
  ]);
  assert.equal(result.accepted, 2);
  assert.equal(result.rejected, 1);
  assert.match(result.message, /one bucket more than bounds/);
  const rows = engine.rows(
    'SELECT metric, temporality, count, sum, min, max, bounds, bucket_counts, attrs FROM venturi.metric_histograms ORDER BY count',
  );
  assert.deepEqual(rows, [
    {
      metric: 'v8js.gc.duration',
      temporality: 'delta',
      count: '6',
      sum: 0.75,
      min: 0.001,
      max: 0.5,
      bounds: [0.01, 0.1],
      bucket_counts: ['1', '2', '3'],
      attrs: { 'v8js.gc.type': 'minor' },
    },
    {
      metric: 'v8js.gc.duration',
      temporality: 'delta',
      count: '9007199254740993',
      sum: 0,
      min: 0,
      max: 0,
      bounds: [],
      bucket_counts: [],
      attrs: {},
    },
  ]);
});

test('exponential histograms and summaries are refused, and points without a value are left out', () => {
  const points = [{ time_unix_nano: timeNanos, as_double: 1 }, { time_unix_nano: timeNanos }];
  const result = decode([
    { name: 'exp', exponential_histogram: { data_points: points } },
    { name: 'summary', summary: { data_points: points } },
    { name: 'gauge', gauge: { data_points: points } },
    { name: 'gone', gauge: { data_points: [{ ...points[0], flags: 1 }] } },
  ]);
  assert.equal(result.accepted, 1);
  assert.equal(result.rejected, 4);
  assert.equal(result.counters.get('pointsWithoutValue'), 2);
});
