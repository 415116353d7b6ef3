// What a bare node:http server records: status, context in its events, propagation, aborts, upgrades.

import assert from 'node:assert/strict';
import * as http from 'node:http';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';

const SERVER = 2;
const TRACE = '0af7651916cd43dd8448eb211c80319c';

describe('a node:http server', { concurrency: false }, () => {
  const collector = new FakeCollector();
  let app: App;

  before(async () => {
    await collector.listen();
    app = new App({ fixture: 'http.cjs', collector });
  });
  after(async () => {
    await app.stop();
    await collector.close();
  });
  beforeEach(() => {
    collector.spans.length = 0;
  });

  const entries = (): DecodedSpan[] => collector.spans.filter(({ kind }) => kind === SERVER);
  const entryOf = async (path: string): Promise<DecodedSpan> => {
    const isIt = (span: DecodedSpan): boolean => span.attributes['url.path'] === path;
    await waitUntil(
      () => entries().some(isIt),
      () => `no entry span of ${path}`,
    );
    return entries().find(isIt) as DecodedSpan;
  };

  it('names the request by its method where there is no route, and keeps queries out', async () => {
    await app.get('/plain?password=secret', { headers: { 'user-agent': 'test/1' } });
    const entry = await entryOf('/plain');
    assert.equal(entry.name, 'GET');
    assert.equal(entry.attributes['user_agent.original'], 'test/1');
    assert.equal(entry.attributes['client.address'], '127.0.0.1');
    assert.equal(entry.attributes['server.port'], await app.port());
    assert.equal(entry.attributes['url.scheme'], 'http');
    assert.doesNotMatch(JSON.stringify(entry.attributes), /secret/);
    assert.equal(entry.status.code, 0);
    const ageMs = Date.now() - Number(entry.startNano / 1_000_000n);
    assert.ok(ageMs >= 0 && ageMs < 10_000, `${ageMs} ms old`);
    assert.ok(entry.endNano >= entry.startNano);
  });

  it('tells the client from the proxy that it came through', async () => {
    await app.get('/plain', { headers: { 'x-forwarded-for': '203.0.113.7, 10.0.0.1' } });
    const { attributes } = await entryOf('/plain');
    assert.equal(attributes['client.address'], '203.0.113.7');
    assert.equal(attributes['network.peer.address'], '127.0.0.1');
    assert.equal(attributes['network.protocol.version'], undefined);
  });

  it('tells the version of the protocol where it is not the usual one', async () => {
    const socket = connect(await app.port(), '127.0.0.1');
    socket.end('GET /plain HTTP/1.0\r\n\r\n');
    socket.resume();
    const { attributes } = await entryOf('/plain');
    assert.equal(attributes['network.protocol.version'], '1.0');
  });

  it('marks answers from 500 as failed', async () => {
    await app.get('/status');
    const entry = await entryOf('/status');
    assert.equal(entry.status.code, 2);
    assert.equal(entry.attributes['error.type'], '503');
  });

  it('continues the trace of the caller', async () => {
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
    await app.get('/plain', { headers: { traceparent, tracestate: 'a=1,b=2' } });
    const entry = await entryOf('/plain');
    assert.equal(entry.traceId, TRACE);
    assert.equal(entry.parentSpanId, 'b7ad6b7169203331');
    assert.equal(entry.traceState, 'a=1,b=2');
    assert.equal(entry.flags & 0x300, 0x300);
  });

  it('starts a trace of its own where traceparent breaks the rules', async () => {
    for (const traceparent of ['00-short', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, 'ff-x']) {
      collector.spans.length = 0;
      await app.get('/plain', { headers: { traceparent } });
      const entry = await entryOf('/plain');
      assert.equal(entry.parentSpanId, '');
      assert.match(entry.traceId, /^[0-9a-f]{32}$/);
    }
  });

  for (const [path, event] of [
    ['/body', "the request's 'end'"],
    ['/late', "the response's 'close'"],
  ] as const) {
    it(`keeps the context in ${event}`, async () => {
      await app.get(path, { method: 'POST', headers: { 'content-length': '0' } });
      const entry = await entryOf(path);
      const inner = await entryOf('/inner');
      assert.equal(inner.traceId, entry.traceId);
      const call = collector.spans.find(({ spanId }) => spanId === inner.parentSpanId);
      assert.equal(call?.parentSpanId, entry.spanId);
    });
  }

  it('leaves a traceparent alone that the application sent', async () => {
    const { body } = await app.get('/headers');
    assert.equal(body, '00-11111111111111111111111111111111-2222222222222222-01');
  });

  it('records an outgoing call that was refused', async () => {
    await app.get('/refused');
    const entry = await entryOf('/refused');
    const call = collector.spans.find(({ parentSpanId }) => parentSpanId === entry.spanId);
    assert.equal(call?.attributes['error.type'], 'ECONNREFUSED');
    assert.equal(call?.status.code, 2);
    assert.equal(call?.attributes['server.port'], 1);
  });

  it('ends the span of a request whose client went away', async () => {
    const port = await app.port();
    const request = http.get({ host: '127.0.0.1', port, path: '/hang', agent: false });
    request.on('error', () => {});
    await new Promise((resolve) => request.on('socket', (socket) => socket.on('connect', resolve)));
    await app.get('/plain');
    request.destroy();
    const entry = await entryOf('/hang');
    assert.equal(entry.attributes['error.type'], 'aborted');
    assert.equal(entry.attributes['http.response.status_code'], undefined);
  });

  it('does not touch upgrades', async () => {
    const port = await app.port();
    const body = await new Promise<string>((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade: 'test' };
      const request = http.request({ host: '127.0.0.1', port, path: '/up', headers, agent: false });
      request.on('upgrade', (_response, socket, head) => {
        let text = String(head);
        socket.on('data', (chunk) => {
          text += String(chunk);
        });
        socket.on('end', () => resolve(text));
        socket.resume();
      });
      request.on('error', reject);
      request.end();
    });
    assert.equal(body, 'upgraded');
    await app.get('/plain');
    await entryOf('/plain');
    assert.equal(
      entries().some(({ attributes }) => attributes['url.path'] === '/up'),
      false,
    );
  });
});
