// What servers of node:http2 record, by either of its APIs, and that who asks them sees what he saw without the agent.

import assert from 'node:assert/strict';
import * as https from 'node:https';
import { afterEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import { ask, type Http2Question } from '../support/http2-client.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { spansOf } from '../support/request-spans.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SERVER = 2;
const PSK = {
  pskCallback: () => ({ psk: Buffer.alloc(32, 7), identity: 'test' }),
  ciphers: 'PSK',
  maxVersion: 'TLSv1.2',
  rejectUnauthorized: false,
  checkServerIdentity: () => undefined,
} as const;

describe('a node:http2 server', { concurrency: false }, () => {
  let collector: FakeCollector;
  let apps: App[] = [];

  const start = async (which: string): Promise<App> => {
    collector = new FakeCollector();
    await collector.listen();
    const app = new App({ fixture: 'http2.cjs', collector, env: { WHICH: which } });
    apps.push(app);
    return app;
  };
  const startBare = (which: string): App => {
    const bare = new App({ fixture: 'http2.cjs', nodeArgs: [], env: { WHICH: which } });
    apps.push(bare);
    return bare;
  };
  afterEach(async () => {
    for (const app of apps) await app.stop();
    apps = [];
    await collector.close();
  });

  const callerOf = (inner: DecodedSpan | undefined): DecodedSpan | undefined =>
    collector.spans.find(({ spanId }) => spanId === inner?.parentSpanId);
  /** The side server's span hangs under a call, and the call under the request. */
  const assertContextKept = async (path: string): Promise<void> => {
    const isInner = (span: DecodedSpan): boolean => span.attributes['url.path'] === '/inner';
    const find = (): DecodedSpan | undefined =>
      collector.spans.find((span) => span.kind === SERVER && isInner(span));
    await waitUntil(
      () => callerOf(find()) !== undefined,
      () => 'no inner request and its call',
    );
    const inner = find();
    const entry = collector.spans.find(({ attributes }) => attributes['url.path'] === path);
    assert.equal(callerOf(inner)?.parentSpanId, entry?.spanId);
  };

  for (const which of ['stream', 'session', 'compat']) {
    it(`records who asked for what, and continues the caller's trace: ${which}`, async () => {
      const port = await (await start(which)).port();
      const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
      const headers = { traceparent, tracestate: 'a=1', 'user-agent': 'test/1' };
      const { status } = await ask(port, '/plain?password=secret', { headers });
      assert.equal(status, 200);
      const { entry } = await spansOf(collector, '/plain');
      assert.equal(entry.name, 'GET');
      assert.equal(entry.traceId, TRACE);
      assert.equal(entry.parentSpanId, 'b7ad6b7169203331');
      assert.equal(entry.traceState, 'a=1');
      const { attributes } = entry;
      assert.equal(attributes['http.response.status_code'], 200);
      assert.equal(attributes['network.protocol.version'], '2');
      assert.equal(attributes['server.address'], '127.0.0.1');
      assert.equal(attributes['server.port'], port);
      assert.equal(attributes['client.address'], '127.0.0.1');
      assert.equal(attributes['user_agent.original'], 'test/1');
      assert.equal(attributes['url.scheme'], 'http');
      assert.doesNotMatch(JSON.stringify(attributes), /secret/);
      assert.equal(entry.status.code, 0);
    });

    it(`marks answers from 500 as failed: ${which}`, async () => {
      await ask(await (await start(which)).port(), '/status');
      const { entry } = await spansOf(collector, '/status');
      assert.equal(entry.status.code, 2);
      assert.equal(entry.attributes['error.type'], '503');
    });

    for (const path of ['/body', '/late']) {
      it(`keeps the context in 'data', 'end' and 'close': ${which} ${path}`, async () => {
        await ask(await (await start(which)).port(), path, { body: 'four' });
        await assertContextKept(path);
      });
    }

    it(`ends the span of a stream that the client gave up: ${which}`, async () => {
      const port = await (await start(which)).port();
      const onSent: Http2Question['onSent'] = (stream) =>
        stream.on('ready', () => setImmediate(() => stream.close(8)));
      await ask(port, '/hang', { onSent });
      const { entry } = await spansOf(collector, '/hang');
      assert.equal(entry.attributes['error.type'], 'aborted');
      assert.equal(entry.attributes['http.response.status_code'], undefined);
    });
  }

  it('tells how the application itself ended a stream', async () => {
    const port = await (await start('stream')).port();
    await ask(port, '/destroy');
    const destroyed = await spansOf(collector, '/destroy');
    assert.equal(destroyed.entry.attributes['error.type'], 'RangeError');
    assert.equal(destroyed.entry.status.code, 2);
    await ask(port, '/goaway');
    const gone = await spansOf(collector, '/goaway');
    assert.equal(gone.entry.attributes['error.type'], 'aborted');
    await ask(port, '/reset');
    const { entry } = await spansOf(collector, '/reset');
    assert.notEqual(entry.attributes['error.type'], undefined);
  });

  it('records no pushed stream as a request', async () => {
    const port = await (await start('stream')).port();
    assert.equal((await ask(port, '/push')).body, 'push');
    await spansOf(collector, '/push');
    await ask(port, '/file');
    const { entry } = await spansOf(collector, '/file');
    assert.equal(entry.attributes['http.response.status_code'], 200);
    assert.equal(entry.attributes['error.type'], undefined);
    assert.equal(collector.spans.filter(({ kind }) => kind === SERVER).length, 2);
  });

  it('answers as it does without the agent', async () => {
    const [port, bare] = [await (await start('stream')).port(), await startBare('stream').port()];
    for (const path of ['/plain', '/status', '/implicit', '/reset', '/destroy', '/file', '/none']) {
      assert.deepEqual(await ask(port, path), await ask(bare, path), path);
    }
    const body = 'x'.repeat(100_000);
    assert.deepEqual(await ask(port, '/body', { body }), await ask(bare, '/body', { body }));
  });

  it('records both protocols of a server with allowHTTP1', async () => {
    const port = await (await start('secure')).port();
    const second = await ask(port, '/plain', { scheme: 'https', session: PSK });
    assert.equal(second.body, '2.0 plain');
    const { entry } = await spansOf(collector, '/plain');
    assert.equal(entry.attributes['url.scheme'], 'https');
    collector.spans.length = 0;
    const first = await new Promise<string>((resolve, reject) => {
      const options = { ...PSK, host: '127.0.0.1', port, path: '/plain', agent: false as const };
      https
        .get(options, (answer) => {
          let text = '';
          answer.on('data', (chunk) => (text += String(chunk)));
          answer.on('end', () => resolve(text));
        })
        .on('error', reject);
    });
    assert.equal(first, '1.1 plain');
    const http1 = await spansOf(collector, '/plain');
    assert.equal(http1.entry.attributes['url.scheme'], 'https');
    assert.equal(http1.entry.attributes['network.protocol.version'], undefined);
    assert.equal(collector.spans.filter(({ kind }) => kind === SERVER).length, 1);
  });

  for (const which of ['fastify-low', 'fastify']) {
    it(`knows the route: ${which}`, async () => {
      const port = await (await start(which)).port();
      assert.equal((await ask(port, '/users/7')).body, '{"id":"7"}');
      assert.equal((await ask(port, '/users/7/fail')).status, 500);
      const { entry } = await spansOf(collector, '/users/7');
      assert.equal(entry.name, 'GET /users/:id');
      const failed = await spansOf(collector, '/users/7/fail');
      assert.equal(failed.entry.attributes['error.type'], 'RangeError');
      assert.equal(failed.entry.events[0]?.attributes['exception.message'], 'failed on purpose');
    });
  }
});
