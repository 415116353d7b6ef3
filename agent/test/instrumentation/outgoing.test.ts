// Outgoing calls of node:http and https in their parts, their failures, and that the application sees no difference.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { Backends, DELAY_MS } from '../support/backends.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { assertParts, assertSlowParts, callsOf } from '../support/outgoing.js';

describe('an outgoing call of node:http', { concurrency: false }, () => {
  const backends = new Backends();
  const collector = new FakeCollector();
  let env: Record<string, string>;
  let app: App;
  let bare: App;

  before(async () => {
    env = await backends.start();
    await collector.listen();
    app = new App({ fixture: 'outgoing.cjs', collector, env });
    bare = new App({ fixture: 'outgoing.cjs', nodeArgs: [], env });
    // The first call of a process is slow by itself.
    for (const each of [app, bare]) await each.get('/undici-tls');
  });
  after(async () => {
    await app.stop();
    await bare.stop();
    await collector.close();
    await backends.stop();
  });
  beforeEach(() => {
    collector.spans.length = 0;
  });

  /** Runs a scenario with and without the agent; the application must see the same. */
  const run = async (scenario: string, calls = 1): Promise<DecodedSpan[]> => {
    const expected = await bare.get(`/${scenario}`);
    const { body, status } = await app.get(`/${scenario}`);
    assert.equal(status, 200, body);
    assert.deepEqual(JSON.parse(body), JSON.parse(expected.body));
    return callsOf(collector, `/${scenario}`, calls);
  };
  const runOne = async (scenario: string): Promise<DecodedSpan> =>
    (await run(scenario))[0] as DecodedSpan;

  it('names where it goes and whom it reached, without credentials and queries', async () => {
    const { name, attributes } = await runOne('http-ok');
    const port = Number(env.HTTP_PORT);
    assert.equal(name, 'GET');
    assert.equal(attributes['url.full'], `http://127.0.0.1:${port}/ok?REDACTED`);
    assert.equal(attributes['http.request.method'], 'GET');
    assert.equal(attributes['server.address'], '127.0.0.1');
    assert.equal(attributes['server.port'], port);
    assert.equal(attributes['http.response.status_code'], 200);
    assert.equal(attributes['network.peer.address'], '127.0.0.1');
    assert.equal(attributes['network.peer.port'], port);
    assert.equal(attributes['network.protocol.version'], '1.1');
    assert.equal(attributes['venturi.connection.reused'], false);
    assert.doesNotMatch(JSON.stringify(attributes), /secret/);
  });

  for (const [scenario, slow] of [
    ['http-slow-dns', ['venturi.dns_ms']],
    ['https-slow-tls', ['venturi.tls_ms']],
    ['http-slow-head', ['venturi.ttfb_ms']],
    ['http-slow-body', ['venturi.body_ms']],
    ['http-slow-send', ['venturi.send_ms']],
    ['http-continue', ['venturi.send_ms']],
    ['http-hint', ['venturi.ttfb_ms']],
    ['https-slow-all', ['venturi.dns_ms', 'venturi.tls_ms', 'venturi.body_ms']],
    ['http-connection-later', ['venturi.socket_wait_ms']],
    ['http-not-found', ['venturi.dns_ms']],
  ] as const) {
    it(`has the delay of ${scenario} in ${slow.join(', ')} alone`, async () => {
      await assertSlowParts(slow, DELAY_MS, () => {
        collector.spans.length = 0;
        return runOne(scenario);
      });
    });
  }

  it('has the time of a slow TCP handshake in venturi.connect_ms', async () => {
    const path = `/http-slow-connect/${await backends.startSlowAccept()}`;
    await app.get(path);
    const [span] = await callsOf(collector, path, 1);
    assertParts(span as DecodedSpan);
    const connectMs = Number(span?.attributes['venturi.connect_ms']);
    assert.ok(connectMs > 500, `${connectMs} ms`);
    assert.equal(span?.attributes['http.response.status_code'], 200);
  });

  it('tells the wait in the queue of an agent that allows one socket', async () => {
    const [first, second] = (await run('http-queued', 2)) as [DecodedSpan, DecodedSpan];
    assertParts(first);
    assertParts(second);
    assert.equal(first.attributes['venturi.socket_wait_ms'], undefined);
    assert.ok(Number(second.attributes['venturi.socket_wait_ms']) > DELAY_MS - 2);
    assert.ok(Number(second.attributes['venturi.ttfb_ms']) > DELAY_MS - 2);
    assert.equal(second.attributes['venturi.connection.reused'], true);
  });

  it('has no parts of connecting on a connection that is reused', async () => {
    const [first, ...others] = await run('http-keep-alive', 3);
    assert.equal(first?.attributes['venturi.connection.reused'], false);
    for (const span of others) {
      assertParts(span);
      assert.equal(span.attributes['venturi.connection.reused'], true);
      assert.equal(span.attributes['venturi.connect_ms'], undefined);
      assert.equal(span.attributes['network.peer.port'], Number(env.HTTP_PORT));
      assert.equal(span.attributes['network.protocol.version'], '1.1');
    }
  });

  it('is TLS where the server is', async () => {
    const span = await runOne('https-ok');
    assertParts(span);
    assert.ok(Number(span.attributes['venturi.tls_ms']) > 0);
    assert.match(String(span.attributes['url.full']), /^https:\/\/127\.0\.0\.1:\d+\/ok$/);
  });

  for (const [scenario, type, status, isError] of [
    ['http-500', '500', 500, true],
    ['http-refused', 'ECONNREFUSED', undefined, true],
    ['http-not-found', 'ENOTFOUND', undefined, true],
    ['http-hang-up', 'ECONNRESET', undefined, true],
    ['http-reset', 'ECONNRESET', undefined, true],
    ['http-short', 'ECONNRESET', 200, true],
    ['http-destroyed', 'aborted', undefined, true],
    ['http-destroyed-at-once', 'aborted', undefined, true],
    ['http-destroyed-why', 'RangeError', undefined, true],
    ['http-abort', 'aborted', undefined, true],
    ['http-signal', 'ABORT_ERR', undefined, true],
    ['http-timeout', 'timeout', undefined, true],
    ['http-destroyed-in-body', 'aborted', 200, false],
  ] as const) {
    it(`fails as ${type} in ${scenario}`, async () => {
      const span = await runOne(scenario);
      assertParts(span);
      assert.equal(span.attributes['error.type'], type);
      assert.equal(span.attributes['http.response.status_code'], status);
      assert.equal(span.status.code, isError ? 2 : 0);
    });
  }

  it('names the peer that refused', async () => {
    const span = await runOne('http-refused');
    assert.equal(span.attributes['network.peer.address'], '127.0.0.1');
    assert.equal(span.attributes['network.peer.port'], 1);
  });

  it('ends with its request where nobody reads the answer, as of when it came', async () => {
    const span = await runOne('http-unread');
    assertParts(span);
    assert.equal(span.attributes['http.response.status_code'], 200);
    assert.equal(span.attributes['venturi.body_ms'], undefined);
  });

  it('ends where nobody listens for the answer', async () => {
    const span = await runOne('http-no-listener');
    assert.equal(span.attributes['http.response.status_code'], 200);
  });

  for (const scenario of ['http-create-connection', 'http-socket-path', 'http-head'] as const) {
    it(`is recorded in ${scenario}`, async () => {
      const span = await runOne(scenario);
      assertParts(span);
      assert.equal(span.attributes['http.response.status_code'], 200);
      const peer = scenario === 'http-socket-path' ? env.SOCKET_PATH : '127.0.0.1';
      assert.equal(span.attributes['network.peer.address'], peer);
    });
  }

  it('ends with an upgrade or a tunnel, which belongs to the application', async () => {
    assert.equal((await runOne('http-upgrade')).attributes['http.response.status_code'], 101);
    collector.spans.length = 0;
    const tunnel = await runOne('http-connect');
    assert.equal(tunnel.name, 'CONNECT');
    assert.equal(tunnel.attributes['http.response.status_code'], 200);
  });

  it('shows the address behind a proxy without credentials', async () => {
    const span = await runOne('http-proxied');
    const url = `http://127.0.0.1:${env.HTTP_PORT}/ok?REDACTED`;
    assert.equal(span.attributes['url.full'], url);
  });

  it('sends the headers of the application unchanged, and its own only where it can', async () => {
    await run('http-headers');
    const raw = backends.requests.at(-1)?.rawHeaders.join();
    assert.equal(raw?.startsWith('X-Mine,1,Host,mine.test'), true, raw);
    collector.spans.length = 0;
    await run('http-ok');
    const withAgent = backends.requests.at(-1)?.rawHeaders ?? [];
    assert.ok(withAgent.includes('traceparent'));
  });

  it('is linked with the call whose redirect it follows, and only then', async () => {
    const [first, second, third, other] = await run('http-redirect', 4);
    assert.equal(first?.attributes['http.request.resend_count'], undefined);
    for (const [count, span] of [[1, second] as const, [2, third] as const]) {
      assert.equal(span?.attributes['http.request.resend_count'], count);
      assert.equal(span?.attributes['venturi.resend_of'], first?.spanId);
      assert.equal(span?.parentSpanId, first?.parentSpanId);
    }
    assert.equal(other?.attributes['http.request.resend_count'], undefined);
  });

  it('leaves no listeners, no visible properties and no other functions behind', async () => {
    await run('http-look');
  });

  it('is recorded of `new http.ClientRequest` where Node tells of it', async () => {
    await bare.get('/http-class');
    const { body } = await app.get('/http-class');
    assert.equal(body, '200');
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const isTold = major > 22 || (major === 22 && minor >= 12);
    await callsOf(collector, '/http-class', isTold ? 1 : 0);
  });
});
