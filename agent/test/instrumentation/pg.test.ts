// Statements and connections of pg against a real PostgreSQL, both ends of the range: spans, waits, errors, context.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { type RequestSpans, spansOf, statement } from '../support/request-spans.js';

const SLEPT_MS = 45;

/** The packages that the fixture loads. */
const ENDS = [
  { PG: 'pg-low', PG_POOL: 'pg-pool-low' },
  { PG: 'pg', PG_POOL: 'pg-pool' },
];

for (const versions of ENDS)
  describe(`${versions.PG} with ${versions.PG_POOL}`, { concurrency: false }, () => {
    const collector = new FakeCollector();
    let postgres: Postgres;
    let app: App;

    before(async () => {
      postgres = await startPostgres();
      await collector.listen();
      app = new App({ fixture: 'pg.cjs', collector, env: { ...postgres.env, ...versions } });
    });
    after(async () => {
      await app.stop();
      await collector.close();
      await postgres.stop();
    });
    beforeEach(() => {
      collector.spans.length = 0;
    });

    const run = async (path: string): Promise<RequestSpans> => {
      const { body } = await app.get(path);
      assert.equal(body.startsWith('ok') || path === '/null', true, body);
      return spansOf(collector, path);
    };

    it('keeps the context in callbacks and literals out', async () => {
      const { entry, spans } = await run('/callback');
      assert.equal(statement(spans, /^SELECT \?$/).name, 'SELECT');
      statement(spans, /inner_one/);
      assert.equal(entry.attributes['venturi.db_count'], 2);
      assert.doesNotMatch(JSON.stringify(spans.map(({ attributes }) => attributes)), /secret/);
    });

    it('records a prepared statement on a client of its own, and how long the client was held', async () => {
      const { entry, spans } = await run('/promise');
      const named = statement(spans, /named/);
      assert.equal(named.attributes['db.query.text'], 'SELECT $1::text AS named');
      assert.equal(named.attributes['server.address'], '127.0.0.1');
      assert.match(String(named.attributes['venturi.db.fingerprint']), /^[\da-f]{16}$/);
      assert.match(String(named.attributes['code.function.name']), /promise/);
      const held = Number(entry.attributes['venturi.pool_hold_ms']);
      assert.ok(held >= Number(entry.attributes['venturi.db_ms']), `held for ${held} ms`);
      assert.equal(entry.attributes['venturi.pool_wait_ms'], undefined);
    });

    it('tells the wait behind other statements of one client', async () => {
      const { spans } = await run('/busy');
      assert.ok(Number(statement(spans, /behind/).attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
      assert.equal(statement(spans, /pg_sleep/).attributes['venturi.pool_wait_ms'], undefined);
    });

    it('tells the wait for a connection of a pool that is used up', async () => {
      const { entry, spans } = await run('/queue');
      const waits = spans.filter(({ name }) => name === 'pg-pool.connect');
      const queued = waits.find(
        ({ attributes }) => attributes['venturi.pool.outcome'] === 'queued',
      );
      assert.ok(Number(queued?.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
      assert.ok(Number(entry.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
      assert.equal(queued?.attributes['venturi.pool.size'], 1);
      assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /queue');
      assert.ok(Number(queued?.attributes['venturi.pool.holder_idle']) < 0.5);
      assert.match(String(queued?.attributes['code.file.path']), /pg\.cjs$/);
      const name = queued?.attributes['db.client.connection.pool.name'];
      assert.equal(name, `127.0.0.1:${postgres.env.PGPORT}/postgres`);
      assert.equal(statement(spans, /waited/).attributes['venturi.pool_wait_ms'], undefined);
    });

    it('tells who keeps the connections: even after its answer, and without running a statement', async () => {
      const { entry } = await run('/keep');
      assert.equal(entry.attributes['venturi.pool_wait_ms'], undefined);
      const { spans } = await run('/wait');
      const queued = spans.find(({ name }) => name === 'pg-pool.connect');
      assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /keep');
      assert.ok(Number(queued?.attributes['venturi.pool.holder_idle']) > 0.5);
    });

    it('tells of a wait that nobody answers, once the client has gone', async () => {
      await run('/leak');
      await assert.rejects(app.get('/hang', { signal: AbortSignal.timeout(200) }));
      const isQueued = ({ attributes }: DecodedSpan): boolean =>
        attributes['venturi.pool.outcome'] === 'queued';
      await collector.waitForSpans((all) => all.some(isQueued));
      const queued = collector.spans.find(isQueued);
      assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /leak');
      assert.ok(Number(queued?.attributes['venturi.pool_wait_ms']) > 100);
    });

    it('tells of a wait that begins when the request has been answered', async () => {
      await run('/after');
      const isQueued = ({ attributes }: DecodedSpan): boolean =>
        attributes['venturi.pool.outcome'] === 'queued';
      await collector.waitForSpans((all) => all.some(isQueued));
      const queued = collector.spans.find(isQueued);
      assert.ok(Number(queued?.attributes['venturi.pool_wait_ms']) > 100);
      assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /after');
    });

    it('records what the server refused', async () => {
      const { entry, spans } = await run('/error');
      const failed = statement(spans, /nowhere/);
      assert.equal(failed.name, 'SELECT nowhere');
      assert.equal(failed.attributes['error.type'], '42P01');
      assert.match(String(failed.events[0]?.attributes['exception.message']), /does not exist/);
      assert.equal(failed.status.code, 2);
      assert.equal(entry.status.code, 0);
    });

    it('records a wait that ran out of time', async () => {
      const { spans } = await run('/timeout');
      const timedOut = spans.find(
        ({ attributes }) => attributes['venturi.pool.outcome'] === 'timeout',
      );
      assert.ok(Number(timedOut?.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
      assert.equal(timedOut?.status.code, 2);
    });

    it('follows submittables of the application and queries that emit events', async () => {
      const own = await run('/submittable');
      statement(own.spans, /AS own$/);
      statement(own.spans, /after_own/);
      const evented = await run('/events');
      statement(evented.spans, /evented/);
      statement(evented.spans, /after_end/);
      const pooled = await run('/pooled-events');
      statement(pooled.spans, /AS pooled$/);
      statement(pooled.spans, /after_pooled/);
    });

    it('lets pg throw as it does', async () => {
      const { body } = await app.get('/null');
      assert.match(body, /null or undefined query/);
    });
  });
