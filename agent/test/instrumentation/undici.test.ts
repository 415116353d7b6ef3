// Outgoing calls of fetch and of every version of undici in their parts, their failures, their resends.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { Backends, DELAY_MS } from '../support/backends.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { assertParts, assertSlowParts, callsOf } from '../support/outgoing.js';

const [MAJOR = 0, MINOR = 0] = process.versions.node.split('.').map(Number);
const UNDICI_8_NEEDS = 'undici 8 needs Node 22.19';
const hasUndici8 = MAJOR > 22 || (MAJOR === 22 && MINOR >= 19);

for (const name of ['undici-low', 'undici6', 'undici', 'undici8']) {
  const skip = name === 'undici8' && !hasUndici8 ? UNDICI_8_NEEDS : false;
  describe(`an outgoing call of ${name}`, { concurrency: false, skip }, () => {
    const backends = new Backends();
    const collector = new FakeCollector();
    let env: Record<string, string>;
    let app: App;
    let bare: App;

    before(async () => {
      env = { ...(await backends.start()), UNDICI: name };
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

    const run = async (scenario: string, calls = 1): Promise<DecodedSpan[]> => {
      const path = `/${scenario}`;
      const expected = await bare.get(`${path}/bare`);
      const { body, status } = await app.get(`${path}/agent`);
      assert.equal(status, 200, body);
      assert.deepEqual(JSON.parse(body), JSON.parse(expected.body));
      const spans = await callsOf(collector, `${path}/agent`, calls);
      for (const span of spans) assertParts(span);
      return spans;
    };
    const runOne = async (scenario: string): Promise<DecodedSpan> =>
      (await run(scenario))[0] as DecodedSpan;

    for (const [scenario, slow] of [
      ['undici-request', ['venturi.ttfb_ms']],
      ['undici-slow-dns', ['venturi.dns_ms']],
      ['undici-tls', ['venturi.tls_ms', 'venturi.body_ms']],
      ['undici-stream', ['venturi.body_ms']],
    ] as const) {
      it(`has the delay of ${scenario} in ${slow.join(', ')} alone`, async () => {
        const { attributes } = await assertSlowParts(slow, DELAY_MS, () => {
          collector.spans.length = 0;
          return runOne(scenario);
        });
        assert.equal(attributes['http.response.status_code'], 200);
        assert.equal(attributes['network.peer.address'], '127.0.0.1');
        assert.equal(attributes['network.protocol.version'], '1.1');
        assert.equal(attributes['venturi.connection.reused'], false);
      });
    }

    it('is recorded through an agent, and as a pipeline', async () => {
      assert.equal((await runOne('undici-agent')).attributes['http.response.status_code'], 200);
      collector.spans.length = 0;
      const { attributes } = await runOne('undici-pipeline');
      assert.equal(attributes['http.request.method'], 'POST');
    });

    it('has no parts of connecting on a connection that is reused', async () => {
      const [first, second] = await run('undici-keep-alive', 2);
      assert.equal(first?.attributes['venturi.connection.reused'], false);
      assert.equal(second?.attributes['venturi.connection.reused'], true);
      assert.equal(second?.attributes['venturi.connect_ms'], undefined);
    });

    it('tells the wait in the queue of a pool, under the request that waited', async () => {
      const [, ...spans] = await run('undici-pool', 4);
      for (const [i, { attributes }] of spans.entries()) {
        const waitMs = Number(attributes['venturi.socket_wait_ms'] ?? 0);
        assert.ok(waitMs >= i * DELAY_MS * 0.9, `${i}: ${waitMs}`);
      }
    });

    for (const [scenario, type] of [
      ['undici-refused', 'ECONNREFUSED'],
      ['undici-not-found', 'ENOTFOUND'],
      ['undici-short', 'UND_ERR_SOCKET'],
    ] as const) {
      it(`fails as ${type} in ${scenario}`, async () => {
        const span = await runOne(scenario);
        assert.equal(span.attributes['error.type'], type);
        assert.equal(span.status.code, 2);
        if (scenario === 'undici-not-found') {
          assert.ok(Number(span.attributes['venturi.dns_ms']) > DELAY_MS * 0.75);
        }
      });
    }

    it('ends with an upgrade', async () => {
      const { attributes } = await runOne('undici-upgrade');
      assert.equal(attributes['http.response.status_code'], 101);
    });

    it('is linked with the call whose redirect it follows', async () => {
      assertLinked(await run('undici-redirect', 3));
    });

    it('is linked with the call that it retries', async (t) => {
      if (name === 'undici-low') return t.skip('undici 5.8 cannot retry');
      const spans = await run('undici-retry', 3);
      assertLinked(spans);
      const statuses = spans.map(({ attributes }) => attributes['http.response.status_code']);
      assert.deepEqual(statuses, [503, 503, 200]);
    });

    if (name === 'undici') describeFetch({ collector, run, runOne, port: () => env.HTTP_PORT });
  });
}

interface FetchRuns {
  collector: FakeCollector;
  run: (scenario: string, calls?: number) => Promise<DecodedSpan[]>;
  runOne: (scenario: string) => Promise<DecodedSpan>;
  port: () => string | undefined;
}

function describeFetch({ run, runOne, port }: FetchRuns): void {
  describe('an outgoing call of fetch', () => {
    it('names where it goes and whom it reached', async () => {
      const { attributes } = await runOne('fetch-ok');
      assert.equal(attributes['url.full'], `http://127.0.0.1:${port()}/ok?REDACTED`);
      assert.equal(attributes['server.port'], Number(port()));
      assert.equal(attributes['network.peer.port'], Number(port()));
    });

    it('has the delay of a slow body in venturi.body_ms', async () => {
      const { attributes } = await runOne('fetch-slow-body');
      assert.ok(Number(attributes['venturi.body_ms']) > DELAY_MS * 0.75);
    });

    it('is linked with the call whose redirect it follows', async () => {
      assertLinked(await run('fetch-redirect', 3));
    });

    it('reuses connections', async () => {
      const [, second] = await run('fetch-twice', 2);
      assert.equal(second?.attributes['venturi.connection.reused'], true);
    });

    for (const [scenario, type] of [
      ['fetch-refused', 'ECONNREFUSED'],
      ['fetch-short', 'UND_ERR_SOCKET'],
      ['fetch-signal', 'TimeoutError'],
    ] as const) {
      it(`fails as ${type} in ${scenario}`, async () => {
        const span = await runOne(scenario);
        assert.equal(span.attributes['error.type'], type);
        assert.equal(span.status.code, 2);
      });
    }
  });
}

function assertLinked([first, ...others]: readonly DecodedSpan[]): void {
  assert.equal(first?.attributes['http.request.resend_count'], undefined);
  for (const [i, { attributes, parentSpanId }] of others.entries()) {
    assert.equal(attributes['http.request.resend_count'], i + 1);
    assert.equal(attributes['venturi.resend_of'], first?.spanId);
    assert.equal(parentSpanId, first?.parentSpanId);
  }
}
