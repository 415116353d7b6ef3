// The same service in CommonJS, as an ES module and through tsx: the same spans must come out.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { App, type AppOptions, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { type Postgres, startPostgres } from '../support/postgres.js';

const SERVER = 2;
const CLIENT = 3;

interface Way extends Omit<AppOptions, 'collector'> {
  title: string;
}

const WAYS: Way[] = [
  { title: 'CommonJS, --require', fixture: 'shop.cjs' },
  { title: 'CommonJS, Express 4', fixture: 'shop.cjs', env: { EXPRESS: 'express4' } },
  {
    title: 'CommonJS, the oldest Express 4 and Fastify 4',
    fixture: 'shop.cjs',
    env: { EXPRESS: 'express4-low', FASTIFY: 'fastify-low' },
  },
  {
    title: 'CommonJS, the oldest Express 5',
    fixture: 'shop.cjs',
    env: { EXPRESS: 'express5-low' },
  },
  { title: 'ES module, --require', fixture: 'shop.mjs' },
  {
    title: 'ES module, --import',
    fixture: 'shop.mjs',
    nodeArgs: ['--import', pathToFileURL(REGISTER).href],
  },
  {
    title: 'tsx, --require',
    fixture: 'shop.mts',
    nodeArgs: ['--require', REGISTER, '--import', 'tsx'],
  },
  {
    title: 'the tsx command, NODE_OPTIONS',
    fixture: 'shop.mts',
    nodeArgs: [require.resolve('tsx/cli')],
    env: { NODE_OPTIONS: `--require "${REGISTER}"` },
  },
];

describe('a service is recorded', { concurrency: false }, () => {
  let postgres: Postgres;
  let collector: FakeCollector;
  let app: App | undefined;

  before(async () => {
    postgres = await startPostgres();
  });
  after(async () => {
    await postgres.stop();
  });
  afterEach(async () => {
    await app?.stop('SIGTERM');
    await collector.close();
  });

  for (const { title, ...way } of WAYS) {
    it(`with routes, statements and outgoing calls: ${title}`, async () => {
      collector = new FakeCollector();
      await collector.listen();
      app = new App({ ...way, collector, env: { ...postgres.env, ...way.env } });
      for (const path of ['/api/users/7', '/fetch', '/get', '/request', '/fail', '/nothing']) {
        await app.get(path);
      }
      const spans = await collector.waitForSpans(
        (all) => all.filter(({ kind }) => kind === SERVER).length >= 9,
      );
      assertUsers(spans);
      assertCall(spans, 'GET /fetch', 'GET /items/:id');
      assertCall(spans, 'GET /get', 'GET /items/:id');
      assertCall(spans, 'GET /request', 'GET /broken');
      assertFailures(spans);
    });
  }
});

function assertUsers(spans: readonly DecodedSpan[]): void {
  const entry = one(spans, 'GET /api/users/:id');
  assert.equal(entry.attributes['http.route'], '/api/users/:id');
  assert.equal(entry.attributes['http.response.status_code'], 200);
  assert.equal(entry.attributes['url.path'], '/api/users/7');
  assert.equal(entry.attributes['server.address'], '127.0.0.1');
  assert.equal(entry.attributes['venturi.db_count'], 1);
  assert.ok(Number(entry.attributes['venturi.db_ms']) > 0);
  assert.ok(Number(entry.attributes['venturi.pool_hold_ms']) > 0);
  assert.ok(Number(entry.attributes['venturi.loop_busy_ms']) > 0);
  assert.equal(entry.parentSpanId, '');
  assert.match(entry.spanId, /0001$/);

  const statement = childOf(spans, entry, CLIENT);
  assert.equal(statement.name, 'SELECT');
  assert.equal(statement.attributes['db.query.text'], 'SELECT $1::int AS id, ? AS answer');
  assert.equal(statement.attributes['db.system.name'], 'postgresql');
  assert.equal(statement.attributes['db.namespace'], 'postgres');
  assert.equal(statement.spanId.slice(0, 12), entry.spanId.slice(0, 12));
  assert.match(String(statement.attributes['code.file.path']), /fixtures\/shop\.(cjs|mjs|mts)$/);
  const file = String(statement.attributes['code.file.path']);
  const line = readFileSync(file, 'utf8').split('\n')[
    Number(statement.attributes['code.line.number']) - 1
  ];
  assert.match(String(line), /pool\.query\('SELECT \$1::int/);
}

function assertCall(spans: readonly DecodedSpan[], from: string, to: string): void {
  const entry = one(spans, from);
  const call = childOf(spans, entry, CLIENT);
  assert.equal(call.name, 'GET');
  assert.doesNotMatch(String(call.attributes['url.full']), /secret/);
  assert.match(String(call.attributes['code.file.path']), /fixtures\/shop\.(cjs|mjs|mts)$/);
  assert.ok(Number(call.attributes['code.line.number']) > 0);
  const served = childOf(spans, call, SERVER);
  assert.equal(served.name, to);
  assert.equal(entry.attributes['venturi.out_count'], 1);
  assert.equal(
    call.attributes['http.response.status_code'],
    served.attributes['http.response.status_code'],
  );
  if (to !== 'GET /items/:id') return;
  const statement = childOf(spans, served, CLIENT);
  assert.equal(statement.name, 'SELECT pg_class');
}

function assertFailures(spans: readonly DecodedSpan[]): void {
  for (const [name, type, message] of [
    ['GET /fail', 'RangeError', 'failed on purpose'],
    ['GET /broken', 'TypeError', 'broken on purpose'],
  ] as const) {
    const failed = one(spans, name);
    assert.equal(failed.status.code, 2);
    assert.equal(failed.attributes['error.type'], type);
    const [event] = failed.events;
    assert.equal(event?.name, 'exception');
    assert.equal(event?.attributes['exception.type'], type);
    assert.equal(event?.attributes['exception.message'], message);
    assert.match(String(event?.attributes['exception.stacktrace']), /shop\./);
  }
  const unknown = one(spans, 'GET');
  assert.equal(unknown.attributes['http.response.status_code'], 404);
  assert.equal(unknown.attributes['http.route'], undefined);
  assert.equal(unknown.status.code, 0);
}

function one(spans: readonly DecodedSpan[], name: string): DecodedSpan {
  const found = spans.filter((span) => span.name === name && span.kind === SERVER);
  assert.equal(found.length, 1, `${name} among ${spans.map((span) => span.name).join(', ')}`);
  return found[0] as DecodedSpan;
}

function childOf(spans: readonly DecodedSpan[], parent: DecodedSpan, kind: number): DecodedSpan {
  const found = spans.filter((span) => span.parentSpanId === parent.spanId && span.kind === kind);
  assert.equal(found.length, 1, `children of ${parent.name}: ${found.map(({ name }) => name)}`);
  assert.equal(found[0]?.traceId, parent.traceId);
  return found[0] as DecodedSpan;
}
