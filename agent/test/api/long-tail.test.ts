// Libraries that the agent has no hooks for, recorded by OpenTelemetry's instrumentations on the agent's tracer.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { type RabbitMq, startRabbitMq } from '../support/rabbitmq.js';

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const OURS = '@venturi/agent';

describe('with VENTURI_CONTRIB=true', { concurrency: false }, () => {
  const collector = new FakeCollector();
  let postgres: Postgres;
  let rabbit: RabbitMq;
  let app: App | undefined;

  before(async () => {
    [postgres, rabbit] = await Promise.all([startPostgres(), startRabbitMq()]);
    await collector.listen();
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
    collector.spans.length = 0;
  });
  after(async () => {
    await collector.close();
    await Promise.all([postgres.stop(), rabbit.stop()]);
  });

  const start = (service: string, fixture = 'long-tail.cjs', more = {}): App => {
    const env = { ...postgres.env, AMQP_URL: rabbit.url, VENTURI_CONTRIB: 'true', ...more };
    app = new App({ fixture, collector, env, args: [service] });
    return app;
  };
  /** Asks for `path`, and returns its entry span and those of its trace when `isLast` has come. */
  const trace = async (
    of: App,
    path: string,
    isLast: (span: DecodedSpan) => boolean,
  ): Promise<{ entry: DecodedSpan; body: string; spans: DecodedSpan[] }> => {
    // What the service does as it starts is not asked for here.
    await of.port();
    const { body } = await of.get(path);
    const isEntry = ({ attributes, scope }: DecodedSpan): boolean =>
      attributes['url.path'] === path && scope.name === OURS;
    const all = await collector.waitForSpans((spans) => spans.some(isEntry) && spans.some(isLast));
    const entry = all.find(isEntry) as DecodedSpan;
    return { entry, body, spans: all.filter(({ traceId }) => traceId === entry.traceId) };
  };
  const of = (name: string) => (span: DecodedSpan) =>
    span.scope.name === `@opentelemetry/instrumentation-${name}`;
  const one = (spans: readonly DecodedSpan[], is: (span: DecodedSpan) => boolean): DecodedSpan => {
    const found = spans.filter(is);
    assert.equal(found.length, 1, spans.map(({ name, scope }) => `${scope.name} ${name}`).join());
    return found[0] as DecodedSpan;
  };

  it('hapi names the route, and generic-pool and knex are recorded in its request', async () => {
    const { entry, spans } = await trace(start('hapi'), '/orders/17', of('knex'));
    assert.equal(entry.name, 'GET /orders/{id}');
    assert.equal(one(spans, of('hapi')).parentSpanId, entry.spanId);
    assert.equal(one(spans, of('generic-pool')).name, 'generic-pool.acquire');
    const knex = one(spans, of('knex'));
    const statement = one(spans, ({ attributes, scope }) => {
      return scope.name === OURS && /pg_class/.test(String(attributes['db.query.text']));
    });
    assert.equal(statement.parentSpanId, knex.spanId);
  });

  it('NestJS has its controller under the request, and Express is not recorded twice', async () => {
    const { entry, body, spans } = await trace(start('nest'), '/orders/17', of('nestjs-core'));
    assert.equal(body, '{"id":"17"}');
    assert.equal(entry.name, 'GET /orders/:id');
    const handler = one(spans, ({ name }) => name === 'find');
    const context = one(spans, ({ name }) => name === 'Orders.find');
    assert.equal(handler.parentSpanId, context.spanId);
    assert.equal(context.parentSpanId, entry.spanId);
    assert.equal(spans.filter(({ kind }) => kind === SERVER).length, 1);
    assert.deepEqual(spans.filter(of('express')), []);
  });

  it('graphql has its operation under the request', async () => {
    const { entry, spans } = await trace(start('plain'), '/graphql', of('graphql'));
    const execute = one(
      spans,
      ({ attributes }) => attributes['graphql.operation.type'] === 'query',
    );
    assert.equal(execute.parentSpanId, entry.spanId);
  });

  it('gRPC has the call under the request, and what is served under the call', async () => {
    const served = (span: DecodedSpan): boolean => of('grpc')(span) && span.kind === SERVER;
    const { entry, body, spans } = await trace(start('plain'), '/grpc', served);
    assert.equal(body, 'price of 17');
    const call = one(spans, (span) => of('grpc')(span) && span.kind === CLIENT);
    assert.equal(call.parentSpanId, entry.spanId);
    assert.equal(one(spans, served).parentSpanId, call.spanId);
    // The http2 stream below it would be the same call once more.
    assert.deepEqual(
      spans.filter(({ scope, kind }) => scope.name === OURS && kind === CLIENT),
      [],
    );
    assert.equal(entry.attributes['venturi.out_count'], 1);
  });

  it('RabbitMQ has the message under the request, and its consumer under the message', async () => {
    const consumed = (span: DecodedSpan): boolean => of('amqplib')(span) && span.kind === CONSUMER;
    const { entry, spans } = await trace(start('plain'), '/publish', consumed);
    const published = one(spans, (span) => of('amqplib')(span) && span.kind === PRODUCER);
    assert.equal(published.parentSpanId, entry.spanId);
    assert.equal(one(spans, consumed).parentSpanId, published.spanId);
  });

  it('what an ES module imports is recorded', async () => {
    const { entry, spans } = await trace(start('', 'long-tail.mjs'), '/', of('graphql'));
    const execute = one(
      spans,
      ({ attributes }) => attributes['graphql.operation.type'] === 'query',
    );
    assert.equal(execute.parentSpanId, entry.spanId);
  });

  it('a library that the agent was told to leave alone is recorded too', async () => {
    const left = { VENTURI_DISABLED_LIBRARIES: 'pg,pg-pool' };
    const service = start('hapi', 'long-tail.cjs', left);
    const { spans } = await trace(service, '/orders/17', of('knex'));
    // On a busy machine the loop stalls while the service loads; the span of that stall is ours too.
    const ours = spans.filter(({ scope, kind }) => scope.name === OURS && kind !== INTERNAL);
    assert.deepEqual(
      ours.map(({ kind }) => kind),
      [SERVER],
    );
    assert.ok(spans.some((span) => of('pg')(span) && span.kind === CLIENT));
  });

  it('says so where no instrumentation is installed, or none can record', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'venturi-long-tail-'));
    const said = async (env: Record<string, string>): Promise<string> => {
      const options = { fixture: 'script.cjs', cwd: folder };
      const { code, stderr } = await new App({ ...options, env }).ended;
      assert.equal(code, 0);
      return stderr;
    };
    const on = { VENTURI_CONTRIB: 'true' };
    const none = await said({ ...on, OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'nothing' });
    assert.match(none, /VENTURI_A032/);
    assert.match(await said({ ...on, VENTURI_API: 'false' }), /VENTURI_A033/);
    await rm(folder, { recursive: true });
  });
});
