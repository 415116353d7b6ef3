// Commands of ioredis and node-redis against a real Redis, in every major version: spans, errors, context, answers.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { type Redis, startRedis } from '../support/redis.js';
import { spansOf, statement } from '../support/request-spans.js';

const CLIENT = 3;
const FAILED = 2;
const IOREDIS = ['ioredis-low', 'ioredis5', 'ioredis'];
const NODE_REDIS = ['redis4-low', 'redis4', 'redis5', 'redis'];
const ALL = [...IOREDIS, ...NODE_REDIS];

describe('redis', { concurrency: false }, () => {
  let redis: Redis;

  before(async () => {
    redis = await startRedis();
  });
  after(async () => {
    await redis.stop();
  });

  for (const library of ALL) {
    describe(library, { concurrency: false }, () => {
      const isIoredis = IOREDIS.includes(library);
      const spelled = (name: string): string => (isIoredis ? name : name.toUpperCase());
      const collector = new FakeCollector();
      let app: App;
      let bare: App;

      before(async () => {
        await collector.listen();
        const env = { LIBRARY: library, REDIS_PORT: String(redis.port) };
        const fixture = isIoredis ? 'ioredis.cjs' : 'node-redis.cjs';
        app = new App({ fixture, collector, env });
        bare = new App({ fixture, nodeArgs: [], env });
      });
      after(async () => {
        await app.stop();
        await bare.stop();
        await collector.close();
      });
      beforeEach(() => {
        collector.spans.length = 0;
      });

      const run = async (path: string): Promise<{ entry: DecodedSpan; spans: DecodedSpan[] }> => {
        const { body } = await app.get(path);
        assert.equal(body, (await bare.get(path)).body, 'what the application saw');
        return spansOf(collector, path);
      };

      it('records a command with its server and database, and neither key nor value', async () => {
        const { entry, spans } = await run('/get');
        const get = statement(spans, /^get \?$/i);
        assert.equal(get.name, spelled('get'));
        assert.equal(get.kind, CLIENT);
        assert.equal(get.attributes['db.operation.name'], spelled('get'));
        assert.equal(get.attributes['db.system.name'], 'redis');
        assert.equal(get.attributes['db.namespace'], '1');
        assert.equal(get.attributes['server.address'], '127.0.0.1');
        assert.equal(get.attributes['server.port'], redis.port);
        assert.match(String(get.attributes['code.file.path']), /redis\.cjs$/);
        assert.equal(entry.attributes['venturi.db_count'], 2);
        assert.doesNotMatch(JSON.stringify(spans.map(({ attributes }) => attributes)), /secret/);
      });

      it('keeps the context in what follows an answer', async () => {
        const { spans } = await run(isIoredis ? '/callback' : '/then');
        statement(spans, /^exists \?$/i);
      });

      it('marks the commands of a transaction', async () => {
        const { spans } = await run('/multi');
        const incremented = statement(spans, /^incr \?$/i);
        assert.equal(incremented.name, spelled('incr'));
        assert.equal(incremented.attributes['db.operation.name'], `MULTI ${spelled('incr')}`);
      });

      it('tells the error that Redis answers, and passes it on', async () => {
        const { spans } = await run('/wrong');
        const failed = statement(spans, /^lpush/i);
        assert.equal(failed.status.code, FAILED);
        assert.equal(failed.attributes['error.type'], 'WRONGTYPE');
        assert.match(String(failed.events[0]?.attributes['exception.message']), /^WRONGTYPE/);
      });

      it('leaves out what a script is given', async () => {
        const { spans } = await run('/script');
        statement(spans, /^eval \? \? \? \?$/i);
      });

      it('leaves a rejection that nobody handles unhandled', async () => {
        await run('/ignored');
      });

      if (isIoredis) {
        it('records each command of a pipeline', async () => {
          const { spans } = await run('/pipeline');
          const get = statement(spans, /^get \?$/);
          assert.equal(get.attributes['db.operation.name'], 'PIPELINE get');
        });

        it('tells how long a command waited for a connection', async () => {
          const { spans } = await run('/offline');
          const echo = statement(spans, /^echo \?$/);
          assert.ok(Number(echo.attributes['venturi.pool_wait_ms']) > 0);
        });

        it('tells a connection that cannot be made', async () => {
          const { spans } = await run('/refused');
          const get = statement(spans, /^get \?$/);
          assert.equal(get.status.code, FAILED);
        });

        it('cuts long lists of arguments', async () => {
          const { spans } = await run('/many');
          statement(spans, /^mget( \?){8} \.\.\.$/);
        });
      } else {
        it('notices that the database was changed', async () => {
          const { spans } = await run('/select');
          assert.equal(statement(spans, /^get \?$/i).attributes['db.namespace'], '2');
        });
      }

      for (const nodeArgs of [
        ['--require', REGISTER],
        ['--import', pathToFileURL(REGISTER).href],
      ]) {
        it(`is recorded in an ES module, ${nodeArgs[0]}`, async () => {
          const env = { LIBRARY: library, REDIS_PORT: String(redis.port) };
          const esm = new App({ fixture: 'redis.mjs', collector, nodeArgs, env });
          await esm.get('/esm');
          const { spans } = await spansOf(collector, '/esm');
          await esm.stop();
          statement(spans, /^get \?$/i);
        });
      }
    });
  }
});
