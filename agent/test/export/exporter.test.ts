// The exporter against a real server: batches, compression, retries under one name, drops.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readConfig } from '../../src/config/config.js';
import { Exporter } from '../../src/export/exporter.js';
import type { Resource } from '../../src/otlp/request.js';
import { TraceId } from '../../src/otlp/trace-id.js';
import { counters } from '../../src/self/counters.js';
import { commitSpan } from '../../src/trace/segment.js';
import { spanBuffer } from '../../src/trace/span-buffer.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';

const RESOURCE: Resource = { attributes: { 'service.name': 'test' }, agentVersion: '0' };

function addSpans(count: number): void {
  for (let i = 0; i < count; i++) {
    commitSpan({
      traceId: TraceId.parse('0af7651916cd43dd8448eb211c80319c'),
      traceState: '',
      traceFlags: 1,
      prefix: 1,
      sequence: 1,
      parentPrefix: 0,
      parentSequence: 0,
      parentIsRemote: false,
      name: `span ${i}`,
      kind: 1,
      startMicros: 1,
      endMicros: 2,
      attributes: undefined,
      heading: undefined,
      commonAttributes: undefined,
      loopBusyMs: 0,
      paidSums: undefined,
      events: undefined,
      statusCode: 0,
      statusMessage: '',
      additions: undefined,
    });
  }
}

describe('the exporter', { concurrency: false }, () => {
  let collector: FakeCollector;
  let exporter: Exporter;

  const create = (env: Record<string, string> = {}): Exporter => {
    const config = readConfig({ VENTURI_ENDPOINT: collector.url, ...env });
    return new Exporter({
      config,
      resource: RESOURCE,
      instanceId: 'test-instance',
      spans: spanBuffer,
    });
  };
  const received = (count: number): Promise<void> =>
    waitUntil(
      () => collector.requests.length >= count,
      () => `${collector.requests.length} of ${count} requests`,
    );

  beforeEach(async () => {
    collector = new FakeCollector();
    await collector.listen();
    counters.spansDropped = 0;
    counters.spansExported = 0;
  });
  afterEach(async () => {
    exporter.stop();
    spanBuffer.take(() => {});
    await collector.close();
  });

  it('does not compress for a collector on the same machine, unless it is told to', async () => {
    exporter = create();
    addSpans(200);
    exporter.flush();
    await received(1);
    assert.deepEqual(
      collector.requests.map(({ encoding }) => encoding),
      [''],
    );
  });

  it('sends small batches as they are and large ones compressed', async () => {
    exporter = create({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' });
    addSpans(2);
    exporter.flush();
    await received(1);
    addSpans(200);
    exporter.flush();
    await received(2);
    assert.deepEqual(
      collector.requests.map(({ path, encoding, batch, contentType }) => [
        path,
        encoding,
        batch,
        contentType,
      ]),
      [
        ['/v1/traces', '', 'test-instance:1', 'application/x-protobuf'],
        ['/v1/traces', 'gzip', 'test-instance:2', 'application/x-protobuf'],
      ],
    );
    assert.equal(collector.spans.length, 202);
    await waitUntil(
      () => counters.spansExported === 202,
      () => `${counters.spansExported} exported`,
    );
  });

  it('repeats a batch under the same name until it is taken', async () => {
    exporter = create();
    collector.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '1' } });
    addSpans(3);
    exporter.flush();
    await received(3);
    assert.deepEqual(
      collector.requests.map(({ batch }) => batch),
      Array(3).fill('test-instance:1'),
    );
    assert.equal(collector.spans.length, 3);
    assert.equal(counters.spansDropped, 0);
  });

  it('drops and counts what is refused for good', async () => {
    exporter = create();
    collector.answers.push({ status: 400 });
    addSpans(3);
    exporter.flush();
    await received(1);
    await waitUntil(
      () => counters.spansDropped === 3,
      () => `${counters.spansDropped} dropped`,
    );
    addSpans(1);
    exporter.flush();
    await received(2);
    assert.equal(collector.requests.length, 2);
  });

  it('drops the oldest while the collector is away and counts them', async () => {
    const away = 'http://127.0.0.1:1';
    exporter = create({ VENTURI_ENDPOINT: away, VENTURI_QUEUE_BATCHES_MAX: '2' });
    for (let i = 0; i < 5; i++) {
      addSpans(1);
      exporter.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitUntil(
      () => counters.spansDropped === 3,
      () => `${counters.spansDropped} dropped`,
    );
    assert.equal(exporter.hasUnsent, true);
  });

  it('keeps log records within the bounds of spans and counts those that are dropped', async () => {
    exporter = create({ VENTURI_ENDPOINT: 'http://127.0.0.1:1', VENTURI_QUEUE_BYTES_MAX: '65536' });
    counters.logsDropped = 0;
    const body = Buffer.alloc(20_000);
    for (let i = 0; i < 20; i++) {
      assert.equal(exporter.addLogs(body, 10), true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Three fit the queue, four are tried at most.
    await waitUntil(
      () => counters.logsDropped >= 130,
      () => `${counters.logsDropped} dropped`,
    );
    assert.equal(counters.logsDropped % 10, 0);
    assert.equal(counters.spansDropped, 0);
  });

  it('stops sending logs to a collector that has no place for them, and nothing else', async () => {
    exporter = create();
    counters.logsDropped = 0;
    collector.statusOf = (path) => (path === '/v1/logs' ? 404 : 200);
    assert.equal(exporter.addLogs(Buffer.alloc(0), 5), true);
    await waitUntil(
      () => counters.logsDropped === 5,
      () => `${counters.logsDropped} dropped`,
    );
    assert.equal(exporter.addLogs(Buffer.alloc(0), 2), false);
    assert.equal(counters.logsDropped, 7);
    addSpans(1);
    exporter.flush();
    await received(2);
    assert.deepEqual(
      collector.requests.map(({ path }) => path),
      ['/v1/logs', '/v1/traces'],
    );
  });

  it('sends as soon as a batch is large enough', async () => {
    exporter = create({ VENTURI_FLUSH_INTERVAL_MS: '60000' });
    exporter.start();
    addSpans(12_000);
    await received(1);
    assert.ok(collector.spans.length > 1000);
  });

  it('sends metric points to their own path with further headers', async () => {
    exporter = create({ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b' });
    exporter.addMetrics([{ type: 'gauge', name: 'g', unit: '1', value: 1, timeUnixMs: 1 }]);
    await received(1);
    assert.equal(collector.requests[0]?.path, '/v1/metrics');
    assert.equal(collector.requests[0]?.headers['x-key'], 'a b');
    assert.equal(collector.metrics[0]?.name, 'g');
  });
});
