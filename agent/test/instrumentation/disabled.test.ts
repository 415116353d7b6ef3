// Libraries that the agent is told to leave alone.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LIBRARY_NAMES } from '../../src/config/disabled-libraries.js';
import { LIBRARIES, LOGGERS, switchOf } from '../../src/instrumentation/libraries.js';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { type Postgres, startPostgres } from '../support/postgres.js';

const SERVER = 2;

describe('VENTURI_DISABLED_LIBRARIES', () => {
  const collector = new FakeCollector();
  let postgres: Postgres;

  before(async () => {
    postgres = await startPostgres();
    await collector.listen();
  });
  after(async () => {
    await collector.close();
    await postgres.stop();
  });

  /** What is recorded of a request that asks the database twice removed, through Express, fetch and Fastify. */
  const record = async (disabled: string): Promise<{ names: string[]; stderr: string }> => {
    collector.spans.length = 0;
    // A busy machine must not add spans of handlers that happened to be slow.
    const quiet = { VENTURI_SLOW_HANDLER_MS: '60000', VENTURI_WATCHDOG: 'false' };
    const env = { ...postgres.env, ...quiet, VENTURI_DISABLED_LIBRARIES: disabled };
    const app = new App({ fixture: 'shop.cjs', collector, env });
    await app.get('/fetch');
    const { stderr } = await app.stop('SIGTERM');
    const spans = await collector.waitForSpans((all) =>
      all.some(({ kind, attributes }) => kind === SERVER && attributes['url.path'] === '/fetch'),
    );
    return { names: spans.map(({ name }) => name).sort(), stderr };
  };

  it('has hooks for all that it names', async () => {
    const { names, stderr } = await record('');
    assert.deepEqual(names, [
      ...['GET', 'GET /fetch', 'GET /items/:id'],
      ...['SELECT pg_class', 'pg-pool.connect'],
    ]);
    assert.equal(stderr, '');
    const hooked = [...LIBRARIES, ...LOGGERS].map(switchOf);
    const others = ['http-client', 'http2', 'http2-client', 'fetch', 'console'];
    assert.deepEqual([...hooked, ...others].sort(), [...LIBRARY_NAMES].sort());
  });

  it('leaves each of them alone', async () => {
    const { names } = await record('pg, pg-pool,express,fastify');
    assert.deepEqual(names, ['GET', 'GET', 'GET']);
    const { names: withoutFetch } = await record('fetch');
    assert.ok(!withoutFetch.includes('GET'), withoutFetch.join());
  });

  it('says which it does not know', async () => {
    const { stderr } = await record('postgres,pg');
    assert.match(stderr, /postgres \(.*pg-pool.*\).*VENTURI_A009/);
  });
});
