// Statements and connections of mysql2 against a real MariaDB, both ends of the range: spans, waits, errors, context.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { type Mariadb, startMariadb } from '../support/mariadb.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { spansOf, statement } from '../support/request-spans.js';

const SLEPT_MS = 45;
const LIBRARIES = ['mysql2-low', 'mysql2'];

const isWait = ({ name }: DecodedSpan): boolean => name === 'mysql2.getConnection';
const isQueued = ({ attributes }: DecodedSpan): boolean =>
  attributes['venturi.pool.outcome'] === 'queued';

describe('mysql2', { concurrency: false }, () => {
  let mariadb: Mariadb;

  before(async () => {
    mariadb = await startMariadb();
  });
  after(async () => {
    await mariadb.stop();
  });

  for (const library of LIBRARIES) {
    describe(library, { concurrency: false }, () => {
      const collector = new FakeCollector();
      let app: App;
      let bare: App;

      before(async () => {
        await collector.listen();
        const env = { ...mariadb.env, LIBRARY: library };
        app = new App({ fixture: 'mysql2.cjs', collector, env });
        bare = new App({ fixture: 'mysql2.cjs', nodeArgs: [], env });
      });
      after(async () => {
        await app.stop();
        await bare.stop();
        await collector.close();
      });
      beforeEach(() => {
        collector.spans.length = 0;
      });

      /** Asks for `path` with and without the agent, compares, and returns the spans of the former. */
      const run = async (path: string): Promise<{ entry: DecodedSpan; spans: DecodedSpan[] }> => {
        const { body } = await app.get(path);
        assert.equal(body, (await bare.get(path)).body, 'what the application saw');
        return spansOf(collector, path);
      };

      it('keeps the context in callbacks, and values out in either kind of quotes', async () => {
        const { entry, spans } = await run('/callback');
        const outer = statement(spans, /AS a/);
        assert.equal(outer.attributes['db.query.text'], 'SELECT ? AS a, ? AS b');
        assert.equal(outer.name, 'SELECT');
        statement(spans, /^SELECT \? AS inner_one$/);
        assert.equal(entry.attributes['venturi.db_count'], 2);
        assert.doesNotMatch(JSON.stringify(spans.map(({ attributes }) => attributes)), /secret/);
      });

      it('records what database was asked, from where, and how long the connection was held', async () => {
        const { entry, spans } = await run('/promise');
        const { attributes, kind } = statement(spans, /^SELECT \? AS named$/);
        assert.equal(kind, 3);
        assert.equal(attributes['db.system.name'], 'mysql');
        assert.equal(attributes['db.namespace'], 'test');
        assert.equal(attributes['server.address'], '127.0.0.1');
        assert.equal(attributes['server.port'], Number(mariadb.env.MYSQL_PORT));
        assert.match(String(attributes['venturi.db.fingerprint']), /^[\da-f]{16}$/);
        assert.match(String(attributes['code.function.name']), /promise/);
        const held = Number(entry.attributes['venturi.pool_hold_ms']);
        assert.ok(held >= Number(entry.attributes['venturi.db_ms']), `held for ${held} ms`);
      });

      it('records statements with named placeholders as they were written', async () => {
        const { spans } = await run('/named');
        statement(spans, /^SELECT :a AS by_name$/);
      });

      it('records executed and prepared statements once each', async () => {
        const executed = await run('/execute');
        statement(executed.spans, /executed/);
        const called = statement(executed.spans, /called/);
        assert.match(String(called.attributes['code.file.path']), /mysql2\.cjs$/);
        statement(executed.spans, /after_execute/);
        const prepared = await run('/prepare');
        assert.equal(
          statement(prepared.spans, /prepared/).attributes['db.query.text'],
          'SELECT ? AS prepared',
        );
        statement(prepared.spans, /after_ping/);
        assert.equal(prepared.entry.attributes['venturi.db_count'], 2);
      });

      it('records transactions', async () => {
        const { spans } = await run('/transaction');
        const names = spans.filter(({ kind }) => kind === 3).map(({ name }) => name);
        assert.deepEqual(names, [
          ...['CREATE items', 'START', 'REPLACE items', 'COMMIT'],
          ...['START', 'UPDATE items', 'ROLLBACK'],
        ]);
      });

      it('keeps the context in the events of a stream and of a query', async () => {
        const streamed = await run('/stream');
        assert.equal(statement(streamed.spans, /streamed/).name, 'SELECT seq_1_to_40');
        statement(streamed.spans, /in_data/);
        statement(streamed.spans, /after_stream/);
        const evented = await run('/events');
        statement(evented.spans, /evented/);
        statement(evented.spans, /after_end/);
      });

      it('tells the wait behind other statements of one connection', async () => {
        const { spans } = await run('/busy');
        for (const text of [/behind$/, /behind_too/]) {
          const { attributes } = statement(spans, text);
          assert.ok(Number(attributes['venturi.pool_wait_ms']) >= SLEPT_MS, `${text}`);
        }
        assert.equal(statement(spans, /SLEEP/).attributes['venturi.pool_wait_ms'], undefined);
      });

      it('tells the wait for a connection of a pool that is used up', async () => {
        const { entry, spans } = await run('/queue');
        const queued = spans.find((span) => isWait(span) && isQueued(span));
        assert.ok(Number(queued?.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
        assert.ok(Number(entry.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
        assert.equal(queued?.attributes['db.system.name'], 'mysql');
        assert.equal(queued?.attributes['venturi.pool.size'], 1);
        assert.equal(queued?.attributes['venturi.pool.pending'], 0);
        assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /queue');
        assert.ok(Number(queued?.attributes['venturi.pool.holder_idle']) < 0.5);
        assert.match(String(queued?.attributes['code.file.path']), /mysql2\.cjs$/);
        const name = queued?.attributes['db.client.connection.pool.name'];
        assert.equal(name, `127.0.0.1:${mariadb.env.MYSQL_PORT}/test`);
        assert.equal(statement(spans, /waited/).attributes['venturi.pool_wait_ms'], undefined);
      });

      it('tells who keeps the connections, even after its answer', async () => {
        const { entry } = await run('/keep');
        assert.equal(entry.attributes['venturi.pool_wait_ms'], undefined);
        const { spans } = await run('/wait');
        const queued = spans.find((span) => isWait(span) && isQueued(span));
        assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /keep');
        assert.ok(Number(queued?.attributes['venturi.pool.holder_idle']) > 0.5);
      });

      it('tells of a wait that nobody answers, once the client has gone', async () => {
        await run('/leak');
        await assert.rejects(app.get('/hang', { signal: AbortSignal.timeout(200) }));
        await collector.waitForSpans((all) => all.some(isQueued));
        const queued = collector.spans.find(isQueued);
        assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /leak');
        assert.ok(Number(queued?.attributes['venturi.pool_wait_ms']) > 100);
      });

      it('tells one wait where a connection was destroyed that others waited for', async () => {
        const { spans } = await run('/destroyed');
        const queued = spans.filter(isQueued);
        assert.equal(queued.length, 1);
        assert.ok(Number(queued[0]?.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
        statement(spans, /after_destroyed/);
      });

      it('leaves a pool that refuses to queue as it is', async () => {
        const { spans } = await run('/full');
        assert.equal(spans.filter(({ kind }) => kind === 3).length, 0);
      });

      it('records the queries and waits of a cluster', async () => {
        const { spans } = await run('/cluster');
        const clustered = statement(spans, /clustered/);
        assert.match(String(clustered.attributes['code.file.path']), /mysql2\.cjs$/);
        statement(spans, /cluster_waited/);
        statement(spans, /of_cluster/);
        const queued = spans.find(isQueued);
        assert.ok(Number(queued?.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
      });

      it('records what the server refused', async () => {
        const { entry, spans } = await run('/error');
        for (const table of ['nowhere', 'nowhere_else', 'nowhere_evented']) {
          const failed = spans.find(({ name }) => name === `SELECT ${table}`);
          assert.equal(failed?.attributes['error.type'], 'ER_NO_SUCH_TABLE', table);
          assert.match(String(failed?.events[0]?.attributes['exception.message']), /exist/);
          assert.equal(failed?.status.code, 2);
        }
        statement(spans, /after_error/);
        assert.equal(entry.status.code, 0);
        assert.equal(entry.attributes['venturi.db_count'], 4);
      });

      it('records what mysql2 itself refused', async () => {
        const { spans } = await run('/invalid');
        const failed = statement(spans, /undefinable/);
        assert.equal(failed.attributes['error.type'], 'TypeError');
      });

      it('records a statement that took too long for its caller', async () => {
        const { spans } = await run('/timeout');
        const failed = statement(spans, /slow/);
        assert.equal(failed.attributes['error.type'], 'PROTOCOL_SEQUENCE_TIMEOUT');
      });

      it('ends the statements of a connection that is lost, also those that nobody is told of', async () => {
        const { spans } = await run('/lost');
        assert.match(String(statement(spans, /AS lost/).attributes['error.type']), /LOST|KILLED/);
        assert.equal(statement(spans, /behind_lost/).status.code, 2);
        assert.equal(statement(spans, /too_late/).status.code, 2);
      });

      it('keeps the requests apart that share a connection', async () => {
        await Promise.all(['/queue', '/wait', '/queue', '/wait'].map((path) => app.get(path)));
        const isEntry = ({ kind }: DecodedSpan): boolean => kind === 2;
        await collector.waitForSpans((all) => all.filter(isEntry).length === 4);
        for (const entry of collector.spans.filter(isEntry)) {
          const own = collector.spans.filter(
            ({ traceId, kind }) => traceId === entry.traceId && kind === 3,
          );
          const isQueue = entry.attributes['url.path'] === '/queue';
          assert.equal(own.length, isQueue ? 2 : 1);
          for (const span of own) {
            assert.match(
              String(span.attributes['db.query.text']),
              isQueue ? /SLEEP|waited/ : /late/,
            );
          }
        }
      });

      for (const flag of ['--require', '--import']) {
        it(`is recorded in an ES module, with ${flag}`, async () => {
          const agent = flag === '--import' ? pathToFileURL(REGISTER).href : REGISTER;
          const env = { ...mariadb.env, LIBRARY: library };
          const module = new App({
            fixture: 'mysql2.mjs',
            collector,
            nodeArgs: [flag, agent],
            env,
          });
          try {
            assert.equal((await module.get('/')).status, 200);
            const { spans } = await spansOf(collector, '/');
            statement(spans, /awaited/);
            statement(spans, /called/);
          } finally {
            await module.stop();
          }
        });
      }
    });
  }
});
