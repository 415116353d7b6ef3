// Outgoing calls of node:http2 in their parts, their failures, and that the application sees no difference.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { DELAY_MS, Http2Backends } from '../support/http2-backends.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { assertParts, assertSlowParts, callsOf } from '../support/outgoing.js';
import { spansOf } from '../support/request-spans.js';

const OK = 0;
const ERROR = 2;

describe('an outgoing call of node:http2', { concurrency: false }, () => {
  const backends = new Http2Backends();
  const collector = new FakeCollector();
  let env: Record<string, string>;
  let app: App;
  let bare: App;

  before(async () => {
    env = await backends.start();
    await collector.listen();
    app = new App({ fixture: 'http2-client.cjs', collector, env });
    bare = new App({ fixture: 'http2-client.cjs', nodeArgs: [], env });
    // The first call of a process is slow by itself.
    for (const each of [app, bare]) await each.get('/tls');
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
  /** The headers that the server was sent. */
  const sentIn = async (scenario: string): Promise<Record<string, string>> => {
    const { seen } = JSON.parse((await app.get(`/${scenario}`)).body) as { seen: string[] };
    return JSON.parse(/\{.*\}/.exec(seen.at(-1) as string)?.[0] as string);
  };

  it('names where it goes and whom it reached, without queries', async () => {
    const { name, status, attributes } = await runOne('ok');
    const port = Number(env.HTTP_PORT);
    assert.equal(name, 'GET');
    assert.equal(status.code, OK);
    assert.equal(attributes['url.full'], `http://127.0.0.1:${port}/ok?REDACTED`);
    assert.equal(attributes['http.request.method'], 'GET');
    assert.equal(attributes['server.address'], '127.0.0.1');
    assert.equal(attributes['server.port'], port);
    assert.equal(attributes['http.response.status_code'], 200);
    assert.equal(attributes['network.peer.address'], '127.0.0.1');
    assert.equal(attributes['network.peer.port'], port);
    assert.equal(attributes['network.protocol.version'], '2');
    assert.equal(attributes['venturi.connection.reused'], false);
    assert.doesNotMatch(JSON.stringify(attributes), /secret/);
  });

  it('goes where the headers say, over TLS and by a socket of the caller', async () => {
    const other = await runOne('other-authority');
    assert.equal(other.attributes['url.full'], 'http://other.test:81/ok');
    assert.equal(other.attributes['server.port'], 81);
    const secure = await runOne('tls');
    assert.equal(secure.attributes['url.full'], `https://127.0.0.1:${env.TLS_PORT}/ok`);
    const own = await runOne('own-socket');
    assert.equal(own.attributes['network.peer.port'], Number(env.HTTP_PORT));
  });

  for (const [scenario, slow] of [
    ['slow-dns', ['venturi.dns_ms']],
    ['slow-tls', ['venturi.tls_ms']],
    ['slow-head', ['venturi.ttfb_ms']],
    ['slow-body', ['venturi.body_ms']],
    ['slow-send', ['venturi.send_ms']],
    ['hint', ['venturi.ttfb_ms']],
  ] as const) {
    it(`has the delay of ${scenario} in ${slow.join(', ')} alone`, async () => {
      await assertSlowParts(slow, DELAY_MS, () => {
        collector.spans.length = 0;
        return runOne(scenario);
      });
    });
  }

  it('tells of the connection on the calls that waited for it', async () => {
    const [first, second, third] = (await run('reused', 3)) as [
      DecodedSpan,
      DecodedSpan,
      DecodedSpan,
    ];
    for (const span of [first, second, third]) assertParts(span);
    for (const { attributes } of [first, second]) {
      assert.equal(attributes['venturi.connection.reused'], false);
      assert.notEqual(attributes['venturi.connect_ms'], undefined);
    }
    assert.equal(third.attributes['venturi.connection.reused'], true);
    assert.equal(third.attributes['venturi.connect_ms'], undefined);
    assert.equal(third.attributes['error.type'], '500');
    assert.equal(third.status.code, ERROR);
  });

  it('tells the wait for a stream where the server allows one at a time', async () => {
    const [first, second, third] = (await run('queued', 3)) as [
      DecodedSpan,
      DecodedSpan,
      DecodedSpan,
    ];
    for (const span of [first, second, third]) assertParts(span);
    const waits = [first, second, third].map(({ attributes }) =>
      Number(attributes['venturi.socket_wait_ms'] ?? 0),
    ) as [number, number, number];
    assert.equal(waits[0], 0);
    assert.ok(waits[1] > DELAY_MS - 5, `${waits[1]} ms`);
    assert.ok(waits[2] > 2 * DELAY_MS - 10, `${waits[2]} ms`);
    assert.ok(Number(second.attributes['venturi.ttfb_ms']) > DELAY_MS - 5);
  });

  it('tells that wait of a call that is given up meanwhile', async () => {
    const [, second] = await run('queued-given-up', 2);
    assertParts(second as DecodedSpan);
    assert.ok(Number(second?.attributes['venturi.socket_wait_ms']) > DELAY_MS - 5);
    assert.ok(Number(second?.attributes['venturi.ttfb_ms'] ?? 0) < DELAY_MS / 2);
    assert.equal(second?.attributes['error.type'], 'aborted');
  });

  for (const scenario of ['empty', 'head', 'trailers', 'push', 'redirect', 'tunnel']) {
    it(`ends well: ${scenario}`, async () => {
      const span = await runOne(scenario);
      assertParts(span);
      assert.equal(span.status.code, OK);
      assert.equal(span.attributes['error.type'], undefined);
      assert.notEqual(span.attributes['http.response.status_code'], undefined);
    });
  }

  for (const [scenario, type, code] of [
    ['refused', 'NGHTTP2_REFUSED_STREAM', ERROR],
    ['canceled', 'NGHTTP2_CANCEL', ERROR],
    ['canceled-begun', 'NGHTTP2_INTERNAL_ERROR', ERROR],
    ['goaway', 'ERR_HTTP2_SESSION_ERROR', ERROR],
    ['cut', 'ECONNRESET', ERROR],
    ['reset', 'ECONNRESET', ERROR],
    ['no-server', 'ECONNREFUSED', ERROR],
    ['closed-by-caller', 'aborted', OK],
    ['destroyed-by-caller', 'aborted', OK],
    ['failed-by-caller', 'RangeError', ERROR],
    ['session-destroyed', 'aborted', OK],
    ['session-failed', 'RangeError', ERROR],
    ['timed-out', 'timeout', OK],
    ['signal', 'ABORT_ERR', ERROR],
    ['session-closed', 'ERR_HTTP2_INVALID_SESSION', ERROR],
  ] as const) {
    it(`says how it failed: ${scenario}`, async () => {
      const span = await runOne(scenario);
      assertParts(span);
      assert.equal(span.attributes['error.type'], type);
      assert.equal(span.status.code, code);
    });
  }

  it('sends the trace along, and leaves that of the caller alone', async () => {
    const sent = await sentIn('echo');
    const [call] = await callsOf(collector, '/echo', 1);
    assert.equal(sent.traceparent?.slice(0, 52), `00-${call?.traceId}-${call?.spanId}`);
    const { traceparent } = await sentIn('own-trace');
    assert.equal(traceparent, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    await callsOf(collector, '/own-trace', 1);
  });

  it('changes nothing of the headers that the caller holds, by name or in a list', async () => {
    await run('headers');
    // Before Node 22 a list is refused.
    const takesLists = Number(process.versions.node.split('.')[0]) >= 22;
    await run('header-list', takesLists ? 1 : 0);
    assert.deepEqual(
      JSON.parse((await app.get('/wrong')).body),
      JSON.parse((await bare.get('/wrong')).body),
    );
  });

  it('charges the request for what it called', async () => {
    const calls = await run('reused', 3);
    const { entry } = await spansOf(collector, '/reused');
    assert.equal(entry.attributes['venturi.out_count'], 3);
    const sumMs = calls.reduce(
      (sum, { startNano, endNano }) => sum + Number(endNano - startNano) / 1e6,
      0,
    );
    assert.ok(Math.abs(Number(entry.attributes['venturi.out_ms']) - sumMs) < 0.1);
  });

  it('ends with its head where nobody reads the answer', async () => {
    const span = await runOne('unread');
    assertParts(span);
    assert.equal(span.attributes['http.response.status_code'], 200);
    assert.ok(Number(span.endNano - span.startNano) / 1e6 < DELAY_MS);
  });

  it('is recorded once where undici makes it', async () => {
    const span = await runOne('undici');
    assert.equal(span.attributes['network.protocol.version'], '2');
  });

  it('is recorded of gRPC, which nothing else records here', async () => {
    const { name, spanId, attributes } = await runOne('grpc');
    assert.equal(name, 'POST');
    assert.match(String(attributes['url.full']), /\/shop\.Prices\/Get$/);
    assert.equal(attributes['http.response.status_code'], 200);
    const served = collector.spans.find(({ parentSpanId }) => parentSpanId === spanId);
    assert.equal(served?.attributes['url.path'], '/shop.Prices/Get');
  });

  it('is recorded of ES modules too', async () => {
    const other = new App({ fixture: 'http2-client.mjs', collector, env });
    await other.get('/module');
    await callsOf(collector, '/module', 1);
    await other.stop();
  });

  it('is left alone where VENTURI_DISABLED_LIBRARIES says so', async () => {
    const off = { ...env, VENTURI_DISABLED_LIBRARIES: 'http2-client' };
    const other = new App({ fixture: 'http2-client.cjs', collector, env: off });
    const { body } = await other.get('/echo');
    assert.doesNotMatch(body, /traceparent/);
    await callsOf(collector, '/echo', 0);
    await other.stop();
  });
});
