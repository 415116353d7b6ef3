// OpenTelemetry's SDK as the engine: what it records arrives as from the agent, with all that needs no hooks of ours.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector, waitUntil } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { fixturePath } from '../support/stalls.js';

const FIXTURE = 'sdk-service.cjs';
const OTEL = { VENTURI_ENGINE: 'otel', OTEL_SEMCONV_STABILITY_OPT_IN: 'http' };
const HTTP = '@opentelemetry/instrumentation-http';
const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];
const EXPORTS = 4;
const PREFIX_DIGITS = 12;
const AGENT = join(REGISTER, '..', '..', '..');

describe('the SDK as the engine', { concurrency: false }, () => {
  const collector = new FakeCollector();
  let app: App | undefined;

  before(() => collector.listen());
  afterEach(async () => {
    await app?.stop();
    for (const list of [collector.spans, collector.metrics, collector.logs]) list.length = 0;
  });
  after(() => collector.close());

  const start = (env: Record<string, string>): App => {
    app = new App({ fixture: FIXTURE, collector, env: { ...OTEL, ...env } });
    return app;
  };
  const outer = async (running: App): Promise<DecodedSpan[]> => {
    await running.get('/outer');
    const spans = await collector.waitForSpans((all) => all.length >= 4);
    return spans.slice();
  };

  it('records with the instrumentations that are installed, all that a span has', async () => {
    const spans = await outer(start({}));
    const [entry, own, call, inner] = [
      spans.find(({ attributes }) => attributes['url.path'] === '/outer'),
      spans.find(({ name }) => name === 'own'),
      spans.find(({ kind }) => kind === CLIENT),
      spans.find(({ attributes }) => attributes['url.path'] === '/inner'),
    ];
    assert.deepEqual(
      [entry, own, call, inner].map((span) => [span?.kind, span?.scope.name]),
      [
        [SERVER, HTTP],
        [INTERNAL, 'shop'],
        [CLIENT, HTTP],
        [SERVER, HTTP],
      ],
    );
    assert.equal(own?.parentSpanId, entry?.spanId);
    assert.equal(call?.parentSpanId, own?.spanId);
    assert.equal(inner?.parentSpanId, call?.spanId);
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    assert.equal(entry?.attributes['http.response.status_code'], 200);

    assert.deepEqual(own?.attributes, { text: 'a', list: [1, 2] });
    const events = own?.events.map(({ name, attributes }) => [
      name,
      attributes['exception.message'],
    ]);
    assert.deepEqual(events, [
      ['seen', undefined],
      ['exception', 'boom'],
    ]);
    assert.deepEqual(own?.status, { code: 2, message: 'failed' });
    assert.equal(own?.scope.version, '1.2.3');
    assert.ok((own?.endNano ?? 0n) > (own?.startNano ?? 0n));

    // By its ids all that a request did in this process is found.
    const requests = [entry, inner].map((root) => root?.spanId.slice(0, PREFIX_DIGITS));
    assert.notEqual(requests[0], requests[1]);
    assert.deepEqual(
      [entry, own, call, inner].map((span) => span?.spanId),
      [`${requests[0]}0001`, `${requests[0]}0002`, `${requests[0]}0003`, `${requests[1]}0001`],
    );
  });

  it('takes instrumentations of other makers, and leaves out what is switched off', async () => {
    const fastify = { fixture: 'oracle-frameworks.cjs', collector };
    const env = { ...OTEL, WHICH: 'fastify' };
    const names: string[] = [];
    for (const off of ['', 'express,fastify']) {
      app = new App({ ...fastify, env: { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: off } });
      await app.get('/users/7');
      await collector.waitForSpans((all) => all.some(({ kind }) => kind === SERVER));
      await app.stop();
      const entry = collector.spans.splice(0).find(({ kind }) => kind === SERVER);
      names.push(String(entry?.name));
    }
    assert.deepEqual(names, ['GET /users/:id', 'GET']);
  });

  it('tells of itself what the agent tells', async () => {
    const resources: unknown[] = [];
    for (const engine of ['otel', 'venturi']) {
      const spans = await outer(start({ VENTURI_ENGINE: engine, OTEL_SERVICE_NAME: 'shop' }));
      resources.push({ ...spans[0]?.resource, 'service.instance.id': '', 'process.pid': 0 });
      await app?.stop();
      collector.spans.length = 0;
    }
    assert.deepEqual(resources[0], resources[1]);
    assert.equal((resources[0] as Record<string, unknown>)['service.name'], 'shop');
  });

  it('has the samples of the runtime, stalls, what the application counts and logs, and no exports', async () => {
    const running = start({ VENTURI_METRICS_INTERVAL_MS: '200' });
    await outer(running);
    await running.get('/spin');
    const names = (): Set<string> => new Set(collector.metrics.map(({ name }) => name));
    await waitUntil(
      () => ['nodejs.eventloop.delay.p99', 'orders'].every((name) => names().has(name)),
      () => [...names()].join(),
    );
    const spans = await collector.waitForSpans((all) =>
      all.some(
        ({ name, attributes }) =>
          name === 'event loop blocked' && attributes['code.function.name'] === 'spin',
      ),
    );
    assert.ok(spans.length > 0);
    assert.equal(collector.logs[0]?.body, 'ordered');
    assert.match(collector.logs[0]?.traceId ?? '', /^(?!0{32})/);
    const until = collector.requests.length + EXPORTS;
    await waitUntil(
      () => collector.requests.length >= until,
      () => `${collector.requests.length} exports`,
    );
    assert.equal(collector.spans.filter(({ kind }) => kind === CLIENT).length, 1);
  });

  it('sends what is left when the process ends', async () => {
    const running = start({ VENTURI_FLUSH_INTERVAL_MS: '60000' });
    await running.get('/inner');
    await running.get('/exit');
    await running.ended;
    assert.deepEqual(collector.spans.map(({ attributes }) => attributes['url.path']).sort(), [
      '/exit',
      '/inner',
    ]);
  });

  it('is missed in one line, and the service runs on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'venturi-agent-engine-'));
    const agent = join(folder, 'node_modules', '@venturi', 'agent');
    await mkdir(join(agent, 'dist'), { recursive: true });
    await cp(join(AGENT, 'dist', 'bundle'), join(agent, 'dist', 'bundle'), { recursive: true });
    await cp(join(AGENT, 'package.json'), join(agent, 'package.json'));
    const fixture = join(folder, 'http.cjs');
    await cp(fixturePath('http.cjs'), fixture);
    app = new App({
      fixture,
      collector,
      cwd: folder,
      nodeArgs: ['--require', '@venturi/agent/register'],
      env: { ...OTEL, VENTURI_METRICS_INTERVAL_MS: '100' },
    });
    const { status } = await app.get('/plain');
    await waitUntil(
      () => collector.metrics.length > 0,
      () => 'metrics',
    );
    const { stderr } = await app.stop();
    await rm(folder, { recursive: true });
    assert.equal(status, 200);
    assert.match(
      stderr,
      /^venturi: @opentelemetry\/sdk-node is not installed.*\[VENTURI_A030\]\n$/,
    );
    assert.deepEqual(collector.spans, []);
  });
});
