// Every panel of every dashboard against the real engine, with data of which the right numbers are known.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../../src/clickhouse/migrate.js';
import { createPanels, type PanelAnswer, type Panels } from '../../../src/query/panels/index.js';
import { VenturiError } from '../../../src/self/errors.js';
import { silent, startTestEngine, type TestEngine } from '../../engine/running-engine.js';
import { SHOWN_TRACE, seedStatements } from './seed.js';

const dashboardsDir = fileURLToPath(
  new URL('../../../../../dashboards/generated', import.meta.url),
);
const endMs = Math.floor(Date.now() / 600_000) * 600_000 - 300_000;
const requests = 400;

interface PanelJson {
  id: number;
  title: string;
  targets?: { refId: string }[];
}

let engine: TestEngine;
let panels: Panels;

const VARIABLES: Record<string, Record<string, string>> = {
  'venturi-service': { service: 'shop' },
  'venturi-runtime': { service: 'shop' },
  'venturi-trace': { trace_id: SHOWN_TRACE },
};

function panelsOf(uid: string): PanelJson[] {
  return panels.dashboard(uid).panels as PanelJson[];
}

async function ask(
  uid: string,
  title: string,
  more: { intervalMs?: number; fromMs?: number } = {},
) {
  const panel = panelsOf(uid).find((one) => one.title === title);
  assert.ok(panel, `${uid} has no panel ${title}`);
  return panels.query({
    dashboard: uid,
    panelId: panel.id,
    refId: 'A',
    fromMs: more.fromMs ?? endMs - 900_000,
    toMs: endMs + 1000,
    intervalMs: more.intervalMs ?? 10_000,
    variables: VARIABLES[uid] ?? {},
  });
}

function records({ columns, rows }: PanelAnswer): Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));
}

function pairsOf(value: unknown): { key: string; value: string }[] {
  return value as { key: string; value: string }[];
}

function near(actual: unknown, expected: number, part: number): void {
  assert.ok(Math.abs(Number(actual) / expected - 1) <= part, `${actual} is not near ${expected}`);
}

before(async () => {
  engine = await startTestEngine();
  await migrate({ store: engine.store, log: silent });
  for (const statement of seedStatements({ endMs, requests }))
    await engine.store.command(statement);
  panels = createPanels({ store: engine.store, dashboardsDir });
});
after(() => engine.stop());

describe('every panel', () => {
  it('answers with rows, and says which SQL gave them', async () => {
    for (const { uid } of panels.list()) {
      for (const panel of panelsOf(uid).filter((one) => one.targets?.length)) {
        const answer = await ask(uid, panel.title);
        assert.ok(answer.rows.length > 0, `${uid}: ${panel.title} is empty`);
        assert.doesNotMatch(answer.sql, /\$__|\$\{/, `${uid}: ${panel.title}`);
        assert.ok(answer.elapsedMs > 0);
      }
    }
  });

  it('answers without data, without a service and without a trace as well', async () => {
    for (const { uid } of panels.list()) {
      for (const panel of panelsOf(uid).filter((one) => one.targets?.length)) {
        const { rows } = await panels.query({
          ...{ dashboard: uid, panelId: panel.id, refId: 'A', variables: {} },
          ...{ fromMs: 1_000_000, toMs: 2_000_000, intervalMs: 5000 },
        });
        assert.equal(rows.length, 0, `${uid}: ${panel.title} shows ${JSON.stringify(rows[0])}`);
      }
    }
  });

  it('answers over ranges that need the rollups of a minute and an hour', async () => {
    for (const intervalMs of [60_000, 3_600_000]) {
      const answer = records(
        await ask('venturi-services', 'Services', { intervalMs, fromMs: endMs - 7_200_000 }),
      );
      assert.equal(answer.find((row) => row.Service === 'shop')?.Requests, 301, `${intervalMs}`);
    }
  });
});

describe('the services table', () => {
  it('counts requests, errors and time exactly, and quantiles within a bucket', async () => {
    const table = records(await ask('venturi-services', 'Services'));
    assert.deepEqual(
      table.map((row) => row.Service),
      ['shop', 'stock'],
    );
    const [exact] = (
      await engine.store.query(`SELECT count(), countIf(status = 'error') / count(), sum(duration_ns) / 1e9,
          quantileExact(0.5)(duration_ns) / 1e6, quantileExact(0.95)(duration_ns) / 1e6, quantileExact(0.99)(duration_ns) / 1e6
        FROM venturi.spans WHERE service = 'shop' AND kind = 'server'`)
    ).rows;
    assert.ok(exact);
    const shop = table[0];
    assert.equal(shop?.Requests, exact[0]);
    near(shop?.Errors, Number(exact[1]), 1e-9);
    near(shop?.['Total time'], Number(exact[2]), 1e-9);
    near(shop?.p50, Number(exact[3]), 0.03);
    near(shop?.p95, Number(exact[4]), 0.03);
    near(shop?.p99, Number(exact[5]), 0.09);
    near(shop?.['Loop utilization'], 0.8, 1e-9);
    assert.equal(shop?.Heap, 55_000_000);
    assert.equal(table[1]?.Heap, null);
  });

  it('never shows a quantile above the longest request', async () => {
    const routes = records(await ask('venturi-service', 'Routes'));
    for (const { Route, p99 } of routes) {
      const { rows } = await engine.store.query(
        `SELECT max(duration_ns) / 1e6 FROM venturi.spans WHERE service = 'shop' AND kind = 'server' AND name = {route:String}`,
        { route: String(Route) },
      );
      assert.ok(Number(p99) <= Number(rows[0]?.[0]), String(Route));
    }
  });
});

describe('the page of a service', () => {
  it('shows a rate over the part of a step that lies in the range', async () => {
    const rate = records(await ask('venturi-service', 'Requests'));
    const total = rate.reduce((sum, row) => sum + Number(row.Requests) * 10, 0);
    near(total, 301, 0.01);
  });

  it('takes the mean request of a route apart', async () => {
    const routes = records(await ask('venturi-service', 'Routes'));
    const orders = routes.find((row) => row.Route === 'GET /orders/:id');
    assert.equal(orders?.Statements, 20);
    assert.equal(orders?.['Pool wait'], 0);
    const checkout = routes.find((row) => row.Route === 'POST /checkout');
    near(checkout?.['Pool wait'], (100 * 4 + 12) / 101, 1e-6);
  });

  it('names statements with their call site, hosts, exceptions and the traces that show them', async () => {
    const [statement] = records(await ask('venturi-service', 'Statements'));
    assert.equal(statement?.Statement, 'SELECT * FROM products WHERE id = $1');
    assert.equal(statement?.['Call site'], 'loadOrder (/app/orders.js:42)');
    assert.equal(statement?.['Per request'], 1);
    const [host] = records(await ask('venturi-service', 'Calls to others'));
    assert.deepEqual([host?.Host, host?.Calls, host?.Trace], ['stock:3001', 1, SHOWN_TRACE]);
    const [exception] = records(await ask('venturi-service', 'Exceptions'));
    assert.deepEqual([exception?.Type, exception?.Message], ['TypeError', "it's null"]);
    const [slowest] = records(await ask('venturi-service', 'Slowest requests'));
    assert.deepEqual([slowest?.Duration, slowest?.Trace], [180, SHOWN_TRACE]);
  });

  it('offers services, the busiest first', async () => {
    const { options } = await panels.variable({
      ...{ dashboard: 'venturi-service', name: 'service', variables: {} },
      ...{ fromMs: endMs - 900_000, toMs: endMs, intervalMs: 1000 },
    });
    assert.deepEqual(
      options.map((option) => option.value),
      ['shop', 'stock'],
    );
  });
});

describe('the page of a trace', () => {
  it('has every span with its parent, times and attributes, in the shape of Grafana’s traces panel', async () => {
    const spans = records(await ask('venturi-trace', 'Waterfall'));
    assert.equal(spans.length, 6);
    const [root] = spans;
    assert.deepEqual(
      [root?.traceID, root?.spanID, root?.parentSpanID, root?.statusCode, root?.duration],
      [SHOWN_TRACE, '0000000000010001', '', 2, 180],
    );
    assert.equal(root?.startTime, endMs - 5000);
    const tags = new Map(pairsOf(root?.tags).map((tag) => [tag.key, tag.value]));
    assert.equal(tags.get('http.route'), '/checkout');
    assert.equal(tags.get('user.tier'), 'gold');
    assert.equal(tags.get('cart.items'), '3');
    assert.equal(tags.get('venturi.loop_blocked_ms'), '50');
    const resource = new Map(pairsOf(root?.serviceTags).map((tag) => [tag.key, tag.value]));
    assert.equal(resource.get('service.version'), '1.0.0');
    assert.ok(root);
    const [event] = root.logs as { name: string; timestamp: number; fields: unknown[] }[];
    assert.deepEqual([event?.name, event?.timestamp], ['exception', endMs - 5000 + 110]);
    const ids = new Set(spans.map((span) => span.spanID));
    for (const span of spans.slice(1)) assert.ok(ids.has(span.parentSpanID));
    assert.equal(
      spans.find((span) => span.operationName === 'GET /stock/:sku')?.serviceName,
      'stock',
    );
  });

  it('sums what its requests paid', async () => {
    const [sum] = records(await ask('venturi-trace', 'The trace'));
    assert.deepEqual(
      [sum?.Duration, sum?.Spans, sum?.Services, sum?.Errors, sum?.Database, sum?.['Loop blocked']],
      [180, 6, 2, 1, 20, 50],
    );
  });
});

describe('the pages of bottlenecks and of the runtime', () => {
  it('puts the worst finding into words, and says calmly that there is none', async () => {
    const [evidence] = (await ask('venturi-bottlenecks', 'Evidence')).rows;
    assert.deepEqual(evidence, [
      'The statement runs 20 times a request, from one place. Look at loadOrder (/app/orders.js:42).',
    ]);
    const [finding] = (await ask('venturi-bottlenecks', 'The bottleneck')).rows;
    assert.deepEqual(finding, [
      'N+1 queries in GET /orders/:id of shop costs 38 ms a request (74 %)',
    ]);
    await engine.store.command(
      `INSERT INTO venturi.bottleneck_runs VALUES ('default', fromUnixTimestamp64Milli(toInt64(${endMs}), 'UTC'), 0, 0, 1234, 0, 5)`,
    );
    const [calm] = (await ask('venturi-bottlenecks', 'The bottleneck')).rows;
    assert.deepEqual(calm, ['No bottleneck found in 1234 requests']);
    assert.equal((await ask('venturi-bottlenecks', 'Findings')).rows.length, 0);
    await engine.store.command(
      `INSERT INTO venturi.bottleneck_runs VALUES ('default', fromUnixTimestamp64Milli(toInt64(${endMs + 500}), 'UTC'), 0, 0, 0, 0, 5)`,
    );
    const [same] = (await ask('venturi-bottlenecks', 'The bottleneck')).rows;
    assert.deepEqual(same, calm, 'a run without requests says nothing');
  });

  it('names what blocked the loop and who waited', async () => {
    const [stall] = records(await ask('venturi-runtime', 'What blocked the event loop'));
    assert.deepEqual(
      [stall?.Function, stall?.Route, stall?.Blocked, stall?.['Others waited'], stall?.Trace],
      ['hashPassword (/app/hash.js:9)', 'POST /checkout', 50, 120, SHOWN_TRACE],
    );
  });
});

describe('what a caller may ask', () => {
  const good = {
    ...{ dashboard: 'venturi-service', panelId: 1, refId: 'A' },
    ...{ fromMs: 1000, toMs: 2000, intervalMs: 1000, variables: {} },
  };
  const wrong: [change: object, code: string][] = [
    [{ dashboard: 'nope' }, 'NOT_FOUND'],
    [{ dashboard: '__proto__' }, 'NOT_FOUND'],
    [{ panelId: 999 }, 'NOT_FOUND'],
    [{ refId: 'Z' }, 'NOT_FOUND'],
    [{ fromMs: 2000 }, 'BAD_REQUEST'],
    [{ toMs: 1000 * 86_400_000 }, 'BAD_REQUEST'],
    [{ fromMs: Number.NaN }, 'BAD_REQUEST'],
    [{ intervalMs: 0 }, 'BAD_REQUEST'],
    [{ variables: { other: 'x' } }, 'BAD_REQUEST'],
    [{ variables: { service: 'x'.repeat(2000) } }, 'BAD_REQUEST'],
  ];
  for (const [change, code] of wrong) {
    it(`refuses ${JSON.stringify(change).slice(0, 60)} with ${code}`, async () => {
      await assert.rejects(
        panels.query({ ...good, ...change }),
        (error: unknown) => error instanceof VenturiError && error.code === code,
      );
    });
  }

  it('says which folder of dashboards cannot be read', () => {
    const options = { store: engine.store, dashboardsDir: '/nowhere' };
    assert.throws(() => createPanels(options), /CONFIG_INVALID|VENTURI_DASHBOARDS_DIR \/nowhere/);
  });
});
