// Spans of an application among those of the hooks: nesting, context, baggage, what the request paid.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { type Postgres, startPostgres } from '../support/postgres.js';

const SERVER = 2;

describe('an application that uses the API', { concurrency: false }, () => {
  const collector = new FakeCollector();
  let postgres: Postgres;
  let app: App;
  let contrib: App;

  before(async () => {
    postgres = await startPostgres();
    await collector.listen();
    app = new App({ fixture: 'api-shop.cjs', collector, env: postgres.env });
    contrib = new App({ fixture: 'api-contrib.cjs', collector, env: postgres.env });
  });
  after(async () => {
    await Promise.all([app.stop(), contrib.stop()]);
    await collector.close();
    await postgres.stop();
  });
  beforeEach(() => {
    collector.spans.length = 0;
  });

  /** Asks for `path` and returns its entry span, and all spans once `count` have come. */
  const run = async (
    path: string,
    count: number,
    options: { of?: App; headers?: Record<string, string> } = {},
  ): Promise<{ body: string; entry: DecodedSpan; spans: DecodedSpan[] }> => {
    const { headers = {} } = options;
    const { body } = await (options.of ?? app).get(path, { headers });
    const isEntry = (span: DecodedSpan): boolean =>
      span.kind === SERVER && span.attributes['url.path'] === path;
    const spans = await collector.waitForSpans((all) => all.length >= count && all.some(isEntry));
    return { body, entry: spans.find(isEntry) as DecodedSpan, spans };
  };
  const named = (spans: readonly DecodedSpan[], name: string): DecodedSpan => {
    const found = spans.find((span) => span.name === name);
    assert.ok(found, `${name} among ${spans.map((span) => span.name)}`);
    return found;
  };
  const statement = (spans: readonly DecodedSpan[], text: RegExp): DecodedSpan | undefined =>
    spans.find(({ attributes }) => text.test(String(attributes['db.query.text'])));

  it("has its own spans under the request and the hooks' spans under its own", async () => {
    const { entry, spans } = await run('/checkout', 7);
    const checkout = named(spans, 'checkout');
    assert.equal(checkout.parentSpanId, entry.spanId);
    assert.equal(checkout.traceId, entry.traceId);
    assert.deepEqual(checkout.scope, { name: 'shop', version: '2.0.0', schemaUrl: '' });
    assert.equal(entry.scope.name, '@venturi/agent');
    assert.deepEqual(checkout.attributes, { 'cart.items': 3 });
    assert.deepEqual(checkout.events[0]?.attributes, { amount: 9.5 });
    assert.equal(statement(spans, /price/)?.parentSpanId, checkout.spanId);
    assert.equal(statement(spans, /stock/)?.parentSpanId, checkout.spanId);
    assert.equal(named(spans, 'in callback').parentSpanId, checkout.spanId);
    const call = spans.find((span) => span.kind === 3 && span.name === 'GET');
    assert.equal(call?.parentSpanId, checkout.spanId);
    const echo = spans.find(({ attributes }) => attributes['url.path'] === '/echo');
    assert.equal(echo?.parentSpanId, call?.spanId);
    assert.equal(entry.attributes['venturi.db_count'], 2);
    assert.equal(entry.attributes['venturi.out_count'], 1);
  });

  it('adds to the span of the request, and what it says goes before what the hook says', async () => {
    const { entry } = await run('/entry', 1);
    assert.equal(entry.name, 'my name');
    assert.equal(entry.attributes['user.id'], 'u1');
    assert.equal(entry.attributes['client.address'], 'hidden');
    assert.equal(entry.attributes['http.route'], '/of/the/app');
    assert.equal(entry.attributes['http.response.status_code'], 200);
    assert.equal(entry.attributes['http.request.method'], 'GET');
    assert.deepEqual(
      entry.events.map(({ name }) => name),
      ['seen', 'exception'],
    );
    assert.equal(entry.links[0]?.spanId, entry.spanId);
    assert.equal(entry.status.code, 0);
  });

  it('finds the baggage of its caller, and sends it on with what it adds', async () => {
    const headers = { baggage: 'user=a%20b;p=1', referer: 'x' };
    const { body } = await run('/baggage', 7, { headers });
    const came = 'user=a%20b;p=1';
    const more = `${came},added=%C3%A4`;
    assert.deepEqual(JSON.parse(body), ['a b', came, more, more]);
    const { body: without } = await app.get('/echo');
    assert.equal(JSON.parse(without).baggage, undefined);
  });

  it('records nothing of what it suppresses', async () => {
    const { spans } = await run('/suppressed', 1);
    assert.equal(statement(spans, /hidden/), undefined);
  });

  it('gives the hooks a parent of another process', async () => {
    const { spans } = await run('/remote', 4);
    const foreign = statement(spans, /foreign_parent/);
    assert.equal(foreign?.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(foreign?.parentSpanId, 'b7ad6b7169203331');
    assert.equal((foreign?.flags ?? 0) & 0x200, 0x200);
    const call = spans.find(({ name, kind }) => name === 'GET' && kind === 3);
    assert.equal(call?.parentSpanId, 'b7ad6b7169203331');
  });

  it('has its own calls counted in what the request paid, each once', async () => {
    const { entry } = await run('/foreign-call', 5);
    assert.equal(entry.attributes['venturi.db_count'], 2);
    assert.ok(Number(entry.attributes['venturi.db_ms']) >= 4);
    assert.equal(entry.attributes['venturi.out_count'], 1);
  });

  it('registers instrumentations of OpenTelemetry, which record through it', async () => {
    const { entry, spans } = await run('/orders/17', 5, { of: contrib });
    assert.equal(entry.name, 'GET /orders/{id}');
    assert.equal(entry.attributes['http.route'], '/orders/{id}');
    const route = named(spans, 'route - /orders/{id}');
    assert.equal(route.parentSpanId, entry.spanId);
    assert.equal(route.scope.name, '@opentelemetry/instrumentation-hapi');
    assert.equal(named(spans, 'generic-pool.acquire').traceId, entry.traceId);
    const knex = spans.find(({ scope }) => scope.name === '@opentelemetry/instrumentation-knex');
    assert.equal(knex?.traceId, entry.traceId);
    const statements = spans.filter(({ scope, attributes }) => {
      return scope.name === '@venturi/agent' && 'db.query.text' in attributes;
    });
    assert.equal(statement(statements, /pg_class/)?.parentSpanId, knex?.spanId);
    assert.equal(entry.attributes['venturi.db_count'], statements.length);
  });
});
