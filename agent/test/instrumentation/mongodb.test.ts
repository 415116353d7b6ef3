// Commands and connections of mongodb, both ends of the range: spans, cursors, waits, errors, context.
// Against the small server of ../support, or whatever MONGODB_URL names.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { startMongoServer } from '../support/mongo-server.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { type RequestSpans, spansOf, statement } from '../support/request-spans.js';

const SLEPT_MS = 55;
const CLIENT = 3;
const LIBRARIES = ['mongodb-low', 'mongodb'];
const OTHER_URL = process.env.MONGODB_URL;
/** Only ours takes its time, or hangs up, when it is told to. */
const needsOurs = { skip: OTHER_URL !== undefined };

const isQueued = ({ attributes }: DecodedSpan): boolean =>
  attributes['venturi.pool.outcome'] === 'queued';
const isCommand = ({ kind }: DecodedSpan): boolean => kind === CLIENT;
const operationOf = ({ attributes }: DecodedSpan): unknown => attributes['db.operation.name'];

describe('mongodb', { concurrency: false }, () => {
  let url: string;
  let stop: () => Promise<void> = async () => {};

  before(async () => {
    if (OTHER_URL !== undefined) url = OTHER_URL;
    else ({ url, stop } = await startMongoServer());
  });
  after(() => stop());

  for (const library of LIBRARIES) {
    describe(library, { concurrency: false }, () => {
      const collector = new FakeCollector();
      let app: App;
      let bare: App;

      before(async () => {
        await collector.listen();
        const env = { LIBRARY: library, MONGODB_URL: url };
        app = new App({ fixture: 'mongodb.cjs', collector, env });
        bare = new App({ fixture: 'mongodb.cjs', nodeArgs: [], env });
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
      const run = async (path: string): Promise<RequestSpans> => {
        const { body } = await app.get(path);
        assert.equal(body, (await bare.get(path)).body, 'what the application saw');
        return spansOf(collector, path);
      };

      it('names what is done to which collection, without its values', async () => {
        const { entry, spans } = await run('/crud');
        const commands = spans.filter(isCommand);
        const operations = ['delete', 'insert', 'find', 'update', 'delete'];
        assert.deepEqual(commands.map(operationOf), operations);
        const inserted = commands[1];
        const collection = String(inserted?.attributes['db.collection.name']);
        assert.match(collection, /^items_\d+$/);
        assert.equal(inserted?.name, `insert ${collection}`);
        assert.equal(inserted?.attributes['db.system.name'], 'mongodb');
        assert.equal(inserted?.attributes['db.namespace'], 'shop');
        assert.equal(inserted?.attributes['server.address'], '127.0.0.1');
        assert.equal(inserted?.attributes['server.port'], Number(new URL(url).port));
        assert.match(String(inserted?.attributes['venturi.db.fingerprint']), /^[\da-f]{16}$/);
        assert.match(
          String(inserted?.attributes['db.query.text']),
          /"documents":\[\{"_id":"\?","name":"\?","tags":\["\?"\]\}\]/,
        );
        assert.doesNotMatch(JSON.stringify(spans.map(({ attributes }) => attributes)), /secret/);
        assert.equal(entry.attributes['venturi.db_count'], operations.length);
        const held = Number(entry.attributes['venturi.pool_hold_ms']);
        assert.ok(held >= Number(entry.attributes['venturi.db_ms']), `held for ${held} ms`);
      });

      it('finds the line that asked', async () => {
        const { spans } = await run('/aggregate');
        const { attributes } = statement(spans, /\$group/);
        assert.match(String(attributes['code.file.path']), /mongodb\.cjs$/);
      });

      it('records each batch that a cursor fetches', async () => {
        const { spans } = await run('/cursor');
        assert.deepEqual(spans.filter(isCommand).map(operationOf), [
          ...['delete', 'insert', 'find', 'getMore', 'getMore', 'find', 'getMore'],
        ]);
        const more = spans.find((span) => operationOf(span) === 'getMore');
        assert.match(String(more?.attributes['db.collection.name']), /^items_/);
      });

      it('takes a hundred documents for the statement that takes one', async () => {
        const texts = (await run('/cursor')).spans
          .filter((span) => operationOf(span) === 'insert')
          .map(({ attributes }) => String(attributes['db.query.text']));
        assert.match(String(texts[0]), /"documents":\[\{"_id":"\?","kind":"\?"\}\]/);
      });

      it('keeps the context behind the events of a stream and in callbacks', async () => {
        const streamed = await run('/stream');
        statement(streamed.spans, /"find":"empty"/);
        const called = await run('/callback');
        statement(called.spans, /"ping"/);
        statement(called.spans, /"find":"empty"/);
      });

      it('names what the server refused', async () => {
        const { entry, spans } = await run('/error');
        const failed = spans.filter(({ status }) => status.code === 2);
        const types = failed.map(({ attributes }) => String(attributes['error.type']));
        assert.deepEqual(types.slice(0, 2), ['CommandNotFound', 'DuplicateKey']);
        assert.match(String(types[2]), /^Location40\d\d\d$/);
        assert.match(String(failed[0]?.events[0]?.attributes['exception.message']), /unheardOf/);
        assert.equal(entry.status.code, 0);
      });

      it('tells the wait for a connection of a pool that is used up', needsOurs, async () => {
        const { entry, spans } = await run('/queue');
        const queued = spans.find(isQueued);
        assert.equal(queued?.name, 'mongodb.checkOut');
        assert.ok(Number(queued?.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
        assert.ok(Number(entry.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
        assert.equal(queued?.attributes['venturi.pool.size'], 1);
        assert.equal(queued?.attributes['venturi.pool.holder'], 'GET /queue');
        assert.ok(Number(queued?.attributes['venturi.pool.holder_idle']) < 0.5);
        assert.equal(queued?.attributes['db.client.connection.pool.name'], new URL(url).host);
        statement(spans, /"waited"/);
      });

      it('tells of a wait that ran out of time', needsOurs, async () => {
        const { spans } = await run('/timeout');
        const isTimeout = ({ attributes }: DecodedSpan): boolean =>
          attributes['venturi.pool.outcome'] === 'timeout';
        const timedOut = spans.find(isTimeout);
        assert.ok(Number(timedOut?.attributes['venturi.pool_wait_ms']) >= SLEPT_MS);
        assert.equal(timedOut?.status.code, 2);
      });

      it('ends the command of a connection that is lost', needsOurs, async () => {
        const { spans } = await run('/lost');
        assert.equal(statement(spans, /"ping"/).attributes['error.type'], 'MongoNetworkError');
      });

      it('keeps the requests apart that share a connection', async () => {
        await Promise.all(['/hang', '/wait', '/hang', '/wait'].map((path) => app.get(path)));
        const isEntry = ({ kind }: DecodedSpan): boolean => kind === 2;
        await collector.waitForSpans((all) => all.filter(isEntry).length === 4);
        for (const entry of collector.spans.filter(isEntry)) {
          const own = collector.spans.filter(
            (span) => span.traceId === entry.traceId && isCommand(span),
          );
          assert.equal(own.length, 1);
          const wanted = entry.attributes['url.path'] === '/hang' ? /"slow"/ : /"late"/;
          assert.match(String(own[0]?.attributes['db.query.text']), wanted);
        }
      });

      for (const flag of ['--require', '--import']) {
        it(`is recorded in an ES module, with ${flag}`, async () => {
          const agent = flag === '--import' ? pathToFileURL(REGISTER).href : REGISTER;
          const env = { LIBRARY: library, MONGODB_URL: url };
          const nodeArgs = [flag, agent];
          const module = new App({ fixture: 'mongodb.mjs', collector, nodeArgs, env });
          try {
            assert.equal((await module.get('/')).status, 200);
            const { spans } = await spansOf(collector, '/');
            statement(spans, /"find":"items"/);
          } finally {
            await module.stop();
          }
        });
      }
    });
  }
});
