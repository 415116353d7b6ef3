// Each plant must do what it says, seen from outside and without Venturi; and the shop without plants is quick.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { namedScenario } from '../../src/scenario/draw.js';
import type { Plant } from '../../src/scenario/plant.js';
import { prepareDatabase } from '../../src/shop/database/schema.js';
import { nodeArgumentsFor } from '../../src/shop/faults/environment.js';
import { type Postgres, startPostgres } from '../../src/stack/postgres.js';
import { type Shop, startShop } from '../../src/stack/shop.js';

const folder = mkdtempSync(join(tmpdir(), 'venturi-demo-'));
let postgres: Postgres;
let client: pg.Client;

before(async () => {
  // As root the database runs as another user, who has to reach its folder.
  chmodSync(folder, 0o755);
  postgres = await startPostgres(folder);
  client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  assert.equal(await prepareDatabase(client), 'created');
});

after(async () => {
  await client.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function withShop(
  plants: Plant[],
  act: (urls: Shop['urls'], shop: Shop) => Promise<void>,
): Promise<void> {
  const shop = await startShop({
    scenario: { ...namedScenario([]), plants },
    databaseUrl: postgres.url,
    collectorUrl: undefined,
    logFolder: folder,
  });
  try {
    await act(shop.urls, shop);
  } finally {
    await shop.stop();
  }
}

/** What the shop says that a plant took: 95 of 100 requests took no more. */
async function costOf(shop: Shop, name: Plant['name']): Promise<number> {
  const costs = await shop.plantCosts();
  const cost = costs.find((one) => one.name === name && one.requests > 0);
  assert.ok(cost, `${name} has a cost`);
  return cost.p95Ms;
}

/** Median latency of a few requests, one after another, after one that warms up. */
async function latencyOf(url: string, init?: RequestInit): Promise<number> {
  const latenciesMs: number[] = [];
  for (let request = 0; request < 6; request++) {
    const begin = performance.now();
    const response = await fetch(url, init);
    await response.arrayBuffer();
    assert.ok(response.ok, `${url}: ${response.status}`);
    if (request > 0) latenciesMs.push(performance.now() - begin);
  }
  return latenciesMs.sort((left, right) => left - right)[2] ?? 0;
}

const post = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const newOrder = post({ customerId: 1, lines: [{ productId: 1, quantity: 1 }] });

test('without plants every route answers quickly, and refuses what is not there', async () => {
  await withShop([], async ({ storefront, catalog, orders }) => {
    const quick = [
      `${storefront}/health`,
      `${storefront}/products/1`,
      `${storefront}/search?q=lamp`,
      `${storefront}/account/1`,
      `${catalog}/products?q=desk`,
      `${catalog}/products/1`,
      `${catalog}/products/1/availability`,
      `${catalog}/export`,
      `${orders}/orders/1`,
      `${orders}/reports/daily`,
    ];
    for (const url of quick) assert.ok((await latencyOf(url)) < 40, url);
    assert.ok((await latencyOf(`${storefront}/sessions`, post({ customerId: 1 }))) < 40);
    assert.ok((await latencyOf(`${orders}/orders`, newOrder)) < 40);
    assert.equal((await fetch(`${storefront}/products/999999`)).status, 404);
    assert.equal((await fetch(`${orders}/orders/999999`)).status, 404);
    assert.equal((await fetch(`${storefront}/sessions`, post({}))).status, 500);
  });
});

test('statements, held connections and callees take the time that they were planted with', async () => {
  const plants: Plant[] = [
    {
      name: 'n_plus_one',
      service: 'catalog',
      route: 'GET /products/:id',
      variant: 'sequential',
      magnitude: 30,
    },
    {
      name: 'slow_downstream',
      service: 'storefront',
      route: 'GET /search',
      variant: 'callee',
      magnitude: 90,
    },
    {
      name: 'slow_statement',
      service: 'storefront',
      route: 'GET /account/:id',
      variant: 'sleep',
      magnitude: 80,
    },
    {
      name: 'pool_wait',
      service: 'orders',
      route: 'POST /orders',
      variant: 'held',
      magnitude: 100,
    },
  ];
  await withShop(plants, async ({ storefront, catalog, orders }, shop) => {
    assert.ok((await latencyOf(`${storefront}/search?q=lamp`)) >= 85);
    assert.ok((await latencyOf(`${storefront}/account/1`)) >= 75);
    assert.ok((await latencyOf(`${orders}/orders`, newOrder)) >= 95);
    assert.ok((await costOf(shop, 'slow_downstream')) >= 89, 'booked for the caller');
    assert.ok((await costOf(shop, 'slow_statement')) >= 80);

    // Two connections, six holders at once: the last pair waits for two others.
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: 6 }, async () => (await fetch(`${orders}/orders`, newOrder)).text()),
    );
    assert.ok(performance.now() - begin >= 290);

    const before = await reviewScans();
    await (await fetch(`${catalog}/products/1`)).text();
    // PostgreSQL publishes its counters with a delay of up to a second.
    const deadline = Date.now() + 15_000;
    while ((await reviewScans()) - before < 30 && Date.now() < deadline) {
      await delay(200);
      await (await fetch(`${catalog}/products?q=lamp`)).text();
    }
    assert.ok((await reviewScans()) - before >= 30);
  });
});

async function reviewScans(): Promise<number> {
  const { rows } = await client.query<{ scans: string }>(
    "SELECT idx_scan AS scans FROM pg_stat_user_tables WHERE relname = 'reviews'",
  );
  return Number(rows[0]?.scans);
}

test('work that blocks the loop delays an innocent request, a slow supplier does not', async () => {
  const plants: Plant[] = [
    {
      name: 'loop_blocked',
      service: 'storefront',
      route: 'POST /sessions',
      variant: 'regex',
      magnitude: 150,
    },
    {
      name: 'slow_downstream',
      service: 'catalog',
      route: 'GET /products/:id/availability',
      variant: 'supplier',
      magnitude: 150,
    },
    {
      name: 'slow_statement',
      service: 'orders',
      route: 'GET /reports/daily',
      variant: 'scan',
      magnitude: 100,
    },
  ];
  await withShop(plants, async ({ storefront, catalog, orders }, shop) => {
    assert.ok((await latencyOf(`${storefront}/sessions`, post({ customerId: 1 }))) >= 75);
    assert.ok((await latencyOf(`${catalog}/products/1/availability`)) >= 145);
    assert.ok((await costOf(shop, 'slow_downstream')) >= 145, 'what the supplier adds');
    assert.ok((await costOf(shop, 'loop_blocked')) >= 150);
    shop.mark();
    await assert.rejects(costOf(shop, 'loop_blocked'), /has a cost/, 'forgotten');
    assert.ok((await latencyOf(`${orders}/reports/daily`)) >= 50);
    const [blocked, free] = await Promise.all([
      latencyBeside(
        `${storefront}/health`,
        fetch(`${storefront}/sessions`, post({ customerId: 1 })),
      ),
      latencyBeside(`${catalog}/products/1`, fetch(`${catalog}/products/1/availability`)),
    ]);
    assert.ok(blocked >= 40, `blocked for ${blocked} ms`);
    assert.ok(free < 75, `free after ${free} ms`);
  });
});

/** The longest latency of requests to `url` for as long as another one is under way. */
async function latencyBeside(url: string, other: Promise<Response>): Promise<number> {
  let done = false;
  const end = other.then(async (response) => {
    await response.arrayBuffer();
    done = true;
  });
  let longestMs = 0;
  while (!done) {
    const begin = performance.now();
    await (await fetch(url)).arrayBuffer();
    longestMs = Math.max(longestMs, performance.now() - begin);
  }
  await end;
  return longestMs;
}

test('a leak fills its heap, keeps the collector busy and does not die', async () => {
  const file = fileURLToPath(new URL('./leaking-process.js', import.meta.url));
  const child = fork(file, {
    execArgv: nodeArgumentsFor('storefront', namedScenario(['gc']).plants),
  });
  const [[report], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [
    [{ collectorMs: number; requestMs: number }],
    [number | null],
  ];
  assert.equal(code, 0);
  assert.ok(report.collectorMs > report.requestMs * 0.4, JSON.stringify(report));
});

test('a leak outlives a burst of requests that no collection is reported between', async () => {
  const child = fork(fileURLToPath(new URL('./leaking-burst.js', import.meta.url)), {
    execArgv: nodeArgumentsFor('storefront', namedScenario(['gc']).plants),
    stdio: 'ignore',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.deepEqual([code, signal], [0, null]);
});
