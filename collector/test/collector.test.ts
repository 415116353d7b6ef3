// The whole collector, with the embedded ClickHouse: from a request to rows and rollups, through crashes.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  endCollector,
  spawnCollector,
  startCollector,
  type TestCollector,
} from './support/collector.js';
import { until, withFolder } from './support/folders.js';
import { metricsRequest, span, traceRequest } from './support/otlp.js';

const sleepy = { VENTURI_INSERT_INTERVAL_MS: '600000' };

async function withCollector(
  options: { env?: Record<string, string> },
  run: (collector: TestCollector, dataDir: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (dataDir) => {
    const collector = await startCollector({ dataDir, ...options });
    try {
      await run(collector, dataDir);
    } finally {
      await endCollector(collector);
    }
  });
}

/** The pid of a process's first child, from /proc. */
function childOf(parent: number): number | undefined {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  const child = pids.find((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(parent);
    } catch {
      return false;
    }
  });
  return child === undefined ? undefined : Number(child);
}

function someSpans(count: number) {
  return Array.from({ length: count }, (_, index) =>
    span({
      spanId: (index + 1).toString(16).padStart(16, 'a'),
      durationMs: index + 1,
      attributes: { 'http.request.method': 'GET', 'http.route': '/orders/:id' },
    }),
  );
}

test('what is posted can be read back, in rows and in rollups', () =>
  withCollector({}, async (collector) => {
    assert.equal((await collector.post('/v1/traces', traceRequest(someSpans(100)))).status, 200);
    const metrics = metricsRequest([
      {
        name: 'nodejs.eventloop.utilization',
        gauge: { data_points: [{ time_unix_nano: `${Date.now()}000000`, as_double: 0.5 }] },
      },
    ]);
    assert.equal((await collector.post('/v1/metrics', metrics)).status, 200);
    await collector.flush();
    const [spans] = await collector.rows(
      'SELECT count() AS n, sum(duration_ns) AS ns, any(http_route) AS route FROM venturi.spans',
    );
    assert.deepEqual(
      { n: Number(spans?.n), ns: Number(spans?.ns), route: spans?.route },
      { n: 100, ns: 5050e6, route: '/orders/:id' },
    );
    for (const table of ['red_10s', 'red_1m', 'red_1h']) {
      const [rollup] = await collector.rows(
        `SELECT sum(count) AS n, sum(dur_sum) AS ns FROM venturi.${table} WHERE service = 'shop'`,
      );
      assert.deepEqual(rollup, { n: 100, ns: 5050e6 }, table);
    }
    const [point] = await collector.rows('SELECT metric, value FROM venturi.metric_points');
    assert.deepEqual(point, { metric: 'nodejs.eventloop.utilization', value: 0.5 });
    const [resource] = await collector.rows(
      'SELECT service, uniqExact(resource_id) AS n FROM venturi.resources GROUP BY service',
    );
    assert.equal(resource?.service, 'shop');
  }));

test('what was acknowledged and killed is stored exactly once after a restart', () =>
  withFolder(async (dataDir) => {
    const first = await startCollector({ dataDir, env: sleepy });
    const headers = { 'venturi-batch': 'f00d:1' };
    const body = traceRequest(someSpans(50));
    assert.equal((await first.post('/v1/traces', body, headers)).status, 200);
    assert.equal((await first.post('/v1/traces', traceRequest(someSpans(7)))).status, 200);
    first.child.kill('SIGKILL');
    await first.ended;
    assert.equal(readdirSync(join(dataDir, 'spool', 'spans')).length, 2);

    const second = await startCollector({ dataDir, env: sleepy });
    try {
      // The sender did not get the answer and sends the batch again.
      assert.equal((await second.post('/v1/traces', body, headers)).status, 200);
      await second.flush();
      const [spans] = await second.rows('SELECT count() AS n FROM venturi.spans');
      assert.equal(Number(spans?.n), 57);
      const [rollup] = await second.rows('SELECT sum(count) AS n FROM venturi.red_1m');
      assert.equal(rollup?.n, 57);
      assert.deepEqual(readdirSync(join(dataDir, 'spool', 'spans')), []);
    } finally {
      await endCollector(second);
    }
  }));

test('SIGTERM inserts what is spooled, stops the engine and exits 0', () =>
  withFolder(async (dataDir) => {
    const first = await startCollector({ dataDir, env: sleepy });
    assert.equal((await first.post('/v1/traces', traceRequest(someSpans(3)))).status, 200);
    const { code } = await endCollector(first);
    assert.equal(code, 0);
    assert.deepEqual(readdirSync(join(dataDir, 'spool', 'spans')), []);
    assert.equal(existsSync(join(dataDir, 'lock')), false);
    await assert.rejects(fetch(`${first.engineUrl}/ping`));
  }));

test('a collector whose parent goes ends cleanly by itself', () =>
  withFolder(async (dataDir) => {
    const collector = await startCollector({ dataDir });
    collector.child.disconnect();
    assert.equal((await collector.ended).code, 0);
    await assert.rejects(fetch(`${collector.engineUrl}/ping`));
  }));

test('a data folder has one owner, and a dead owner’s lock is taken over', () =>
  withFolder(async (dataDir) => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'lock'), '{"pid":999999,"born":"1","port":1,"url":""}\n');
    const first = await startCollector({ dataDir });
    try {
      const { code, stderr } = await spawnCollector({ dataDir }).ended;
      assert.equal(code, 1);
      assert.match(stderr, /^venturi collect: DATA_DIR_LOCKED: Another collector uses this data/);
      assert.ok(stderr.includes(first.url));
      assert.equal(stderr.trim().split('\n').length, 1);
    } finally {
      await endCollector(first);
    }
  }));

test('a taken port ends a start in one line, unless another may be taken', () =>
  withFolder(async (dataDir) => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      const env = { VENTURI_PORT: String(port) };
      const { code, stderr } = await spawnCollector({ dataDir, env }).ended;
      assert.equal(code, 1);
      assert.match(stderr, /venturi collect: PORT_TAKEN: .*VENTURI_PORT_SEARCH=1/);
      assert.equal(existsSync(join(dataDir, 'lock')), false);
      const other = await startCollector({ dataDir, env: { ...env, VENTURI_PORT_SEARCH: '1' } });
      assert.ok(Number(new URL(other.url).port) > port);
      await endCollector(other);
    } finally {
      blocker.close();
    }
  }));

test('without its ClickHouse a collector takes data, says that it is not ready, and catches up', () =>
  withFolder(async (dataDir) => {
    const away = createServer();
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    const address = away.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => away.close(resolve));
    const alone = await startCollector({
      dataDir,
      env: { VENTURI_CLICKHOUSE_URL: `http://127.0.0.1:${port}` },
    });
    try {
      assert.equal((await alone.post('/v1/traces', traceRequest(someSpans(5)))).status, 200);
      const ready = await fetch(`${alone.url}/readyz`);
      assert.equal(ready.status, 503);
      assert.equal(((await ready.json()) as { code: string }).code, 'NOT_READY');
    } finally {
      await endCollector(alone);
    }
    const next = await startCollector({ dataDir });
    try {
      await next.flush();
      const [row] = await next.rows('SELECT count() AS n FROM venturi.spans');
      assert.equal(Number(row?.n), 5);
    } finally {
      await endCollector(next);
    }
  }));

test('an engine that dies is started again, and nothing that was acknowledged is lost', () =>
  withCollector({ env: { VENTURI_INSERT_INTERVAL_MS: '100' } }, async (collector, dataDir) => {
    assert.equal((await collector.post('/v1/traces', traceRequest(someSpans(5)))).status, 200);
    await collector.flush();
    const engine = childOf(collector.child.pid ?? 0);
    assert.ok(engine);
    process.kill(engine, 'SIGKILL');
    assert.equal((await collector.post('/v1/traces', traceRequest(someSpans(6)))).status, 200);
    await until('it is ready again', async () => (await fetch(`${collector.url}/readyz`)).ok);
    await until('all is stored', () => readdirSync(join(dataDir, 'spool', 'spans')).length === 0);
    const [row] = await collector.rows('SELECT count() AS n FROM venturi.spans');
    assert.equal(Number(row?.n), 11);
  }));
