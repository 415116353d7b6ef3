// Metrics and logs of an application: OpenTelemetry's SDKs make them, once they are used, and the agent sends them.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import type { DecodedMetric } from '../support/otlp-proto.js';

const ROOT = join(__dirname, '..', '..', '..', '..');
const SCOPE = 'signals';

describe("an application's own metrics and logs", { concurrency: false }, () => {
  const collector = new FakeCollector();
  let loaded: boolean[][] = [];

  const ofScope = (): DecodedMetric[] => collector.metrics.filter(({ scope }) => scope === SCOPE);
  const metric = (name: string): DecodedMetric => {
    const found = ofScope().find((each) => each.name === name);
    assert.ok(found, `${name} among ${ofScope().map((each) => each.name)}`);
    return found;
  };

  before(async () => {
    await collector.listen();
    const app = new App({
      fixture: 'api-signals.cjs',
      collector,
      env: { VENTURI_METRICS_INTERVAL_MS: '300' },
    });
    const { body } = await app.get('/');
    loaded = JSON.parse(body) as boolean[][];
    await waitUntil(
      () => ofScope().length >= 6 && collector.logs.length >= 2 && collector.spans.length >= 2,
      () => JSON.stringify(ofScope().map(({ name }) => name)),
    );
    const { stderr } = await app.stop();
    assert.equal(stderr, '');
  });
  after(() => collector.close());

  it('load the SDKs when the first value is recorded, and not before', () => {
    assert.deepEqual(loaded, [
      [false, false],
      [true, true],
    ]);
  });

  it('count what was added since the last export', () => {
    const orders = metric('orders');
    assert.equal(orders.type, 'sum');
    assert.equal(orders.temporality, 1);
    assert.equal(orders.isMonotonic, true);
    assert.equal(orders.unit, '{order}');
    assert.equal(orders.description, 'Orders taken');
    const [point] = orders.points;
    assert.equal(point?.value, 5);
    assert.deepEqual(point?.attributes, { kind: 'book' });
    assert.ok((point?.timeNano ?? 0n) > (point?.startNano ?? 0n));
  });

  it('keep what goes up and down as a whole', () => {
    const open = metric('open');
    assert.equal(open.temporality, 2);
    assert.equal(open.isMonotonic, false);
    assert.equal(open.points[0]?.value, 3);
  });

  it('have histograms, gauges and what is observed', () => {
    const [size] = metric('size').points;
    assert.equal(size?.count, 2);
    assert.equal(size?.sum, 50.5);
    assert.equal(size?.min, 0.5);
    assert.equal(size?.max, 50);
    assert.deepEqual(size?.bounds, [1, 10]);
    assert.deepEqual(size?.bucketCounts, [1, 0, 1]);
    assert.equal(metric('level').type, 'gauge');
    assert.equal(metric('level').points[0]?.value, 7);
    assert.equal(metric('observed').points[0]?.value, 42);
    assert.deepEqual(metric('observed').points[0]?.attributes, { by: 'callback' });
    assert.equal(metric('batched').points[0]?.value, 9);
  });

  it('have logs with severity, body and attributes', () => {
    const [low] = collector.logs;
    assert.equal(low?.body, 'stock is low');
    assert.equal(low?.severityNumber, 13);
    assert.equal(low?.severityText, 'WARN');
    assert.deepEqual(low?.attributes, { left: 3, deep: { list: [1, 'two'] } });
    assert.deepEqual(low?.scope, { name: SCOPE, version: '1.0.0' });
  });

  it('have logs that belong to the span in which they were emitted', () => {
    const own = collector.spans.find(({ name }) => name === 'own');
    const inside = collector.logs.find(({ eventName }) => eventName === 'seen');
    assert.deepEqual(inside?.body, { text: 'in a span' });
    assert.equal(inside?.traceId, own?.traceId);
    assert.equal(inside?.spanId, own?.spanId);
    const entry = collector.spans.find(({ kind }) => kind === 2);
    assert.equal(collector.logs[0]?.spanId, entry?.spanId);
  });

  it('are lost without the SDKs, and that is said once for each kind', async () => {
    // The agent, the application and the API alone, in a folder from which nothing else can be found.
    const folder = await mkdtemp(join(tmpdir(), 'venturi-agent-signals-'));
    try {
      const scope = join(folder, 'node_modules', '@opentelemetry');
      await mkdir(scope, { recursive: true });
      for (const name of ['api', 'api-logs']) {
        await cp(join(ROOT, 'node_modules', '@opentelemetry', name), join(scope, name), {
          recursive: true,
        });
      }
      await cp(join(ROOT, 'agent', 'dist', 'bundle'), join(folder, 'agent', 'dist', 'bundle'), {
        recursive: true,
      });
      await cp(join(ROOT, 'agent', 'package.json'), join(folder, 'agent', 'package.json'));
      const fixture = join(folder, 'app.cjs');
      await cp(join(ROOT, 'agent', 'test', 'fixtures', 'api-signals.cjs'), fixture);
      const register = join(folder, 'agent', 'dist', 'bundle', 'register.js');
      const app = new App({ fixture, nodeArgs: ['--require', register], cwd: folder });
      const first = await app.get('/');
      await app.get('/');
      const { stderr } = await app.stop();
      assert.equal(first.status, 200);
      assert.match(stderr, /@opentelemetry\/sdk-metrics is not installed.*VENTURI_A022/);
      assert.match(stderr, /@opentelemetry\/sdk-logs is not installed.*VENTURI_A023/);
      assert.equal(stderr.match(/is not installed/g)?.length, 2);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
