// A service of two cluster workers with a real PostgreSQL under `venturi run`: the loop over its rows is named.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import pg from 'pg';
import { ROOT } from './demo-run.js';
import { ask, runService } from './run-service.js';

interface Postgres {
  url: string;
  stop(): Promise<void>;
}

/** The demo's way to start a real PostgreSQL; by its path, since the demo exports nothing. */
async function startPostgres(folder: string): Promise<Postgres> {
  const file = join(ROOT, 'deploy', 'demo', 'dist', 'src', 'stack', 'postgres.js');
  const module = (await import(file)) as { startPostgres(folder: string): Promise<Postgres> };
  return await module.startPostgres(folder);
}

it('names the N+1 of a service that runs as a cluster', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'venturi-cart-'));
  chmodSync(folder, 0o755);
  const postgres = await startPostgres(folder);
  try {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(
      "CREATE TABLE product AS SELECT id, 'product ' || id AS name, id * 100 AS cents FROM generate_series(1, 1000) id",
    );
    await client.query('ALTER TABLE product ADD PRIMARY KEY (id)');
    await client.end();
    const outcome = await runService({
      app: 'cluster-cart',
      command: ['node', 'server.mjs'],
      env: { DATABASE_URL: postgres.url },
      load: async (url) => {
        await ask(
          Array.from({ length: 80 }, () => `${url}/cart/25`),
          4,
        );
      },
    });
    assert.match(outcome.stdout, /^listening \d+\nbye\n$/);
    assert.equal(outcome.code, 0, outcome.stderr);
    const [first] = outcome.verdict.bottlenecks;
    assert.equal(first?.cause, 'n_plus_one', outcome.stderr);
    assert.equal(first.service, 'cart');
    assert.equal(first.route, 'GET /cart/:size');
    assert.match(first.statement, /SELECT name, cents FROM product WHERE id = \$1/);
    assert.match(first.callSite, /^readCart \(.*cluster-cart\/server\.mjs:\d+\)$/);
    assert.equal(first.requests, 80);
    assert.deepEqual(outcome.left, []);
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
