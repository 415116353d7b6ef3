// Frameworks that record themselves through OpenTelemetry's API, as their authors' guides set them up.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { App } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import { frameworkApp, programOf, run } from '../support/framework-apps.js';
import { freePort } from '../support/free-port.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { type Postgres, startPostgres } from '../support/postgres.js';
import { untilOpen } from '../support/until-open.js';

const SERVER = 2;
const CLIENT = 3;
const OURS = '@venturi/agent';
/** Next loads for half a second, and a machine of tests is busy. */
const OPEN_MS_MAX = 20_000;

const isEntry = ({ kind, scope }: DecodedSpan): boolean => kind === SERVER && scope.name === OURS;
const nameOf = ({ name }: DecodedSpan): string => name;

describe('Next.js', () => {
  const collector = new FakeCollector();
  let backend: Server;
  let app: App;
  let url: string;

  before(async () => {
    const folder = frameworkApp('next');
    const next = programOf('next', 'dist/bin/next');
    const env = { NEXT_TELEMETRY_DISABLED: '1' };
    run(process.execPath, [next, 'build'], { cwd: folder, env });
    await collector.listen();
    backend = createServer((_request, response) => response.end('three'));
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    const BACKEND = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
    const port = await freePort();
    const args = ['start', '--port', String(port), '--hostname', '127.0.0.1'];
    app = new App({ fixture: next, collector, cwd: folder, args, env: { ...env, BACKEND } });
    await untilOpen(port, OPEN_MS_MAX);
    url = `http://127.0.0.1:${port}`;
  });
  after(async () => {
    await app.stop();
    await collector.close();
    backend.close();
  });

  /** Sends a request, and returns the spans of its trace when one is called `last`. */
  const trace = async (path: string, last: string): Promise<DecodedSpan[]> => {
    collector.spans.length = 0;
    await (await fetch(url + path)).text();
    const isOfPath = (span: DecodedSpan): boolean =>
      isEntry(span) && span.attributes['url.path'] === path;
    const all = await collector.waitForSpans(
      (spans) => spans.some(isOfPath) && spans.some(({ name }) => name === last),
    );
    const entry = all.find(isOfPath);
    return all.filter(({ traceId }) => traceId === entry?.traceId);
  };

  it('names the request by the route of its page, and its spans and calls are below it', async () => {
    const spans = await trace('/items/7', 'GET /items/[id]');
    const entry = spans.find(isEntry);
    assert.equal(entry?.name, 'GET /items/[id]');
    assert.equal(entry.attributes['http.route'], '/items/[id]');
    const handled = spans.find(({ name, scope }) => scope.name !== OURS && name === entry.name);
    assert.equal(handled?.parentSpanId, entry.spanId);
    const fetched = spans.find(({ name }) => name.startsWith('fetch GET '));
    const call = spans.find(({ kind, scope }) => kind === CLIENT && scope.name === OURS);
    assert.ok(call !== undefined && fetched !== undefined, spans.map(nameOf).join(', '));
    assert.equal(entry.attributes['venturi.out_count'], 1);
  });

  it('names the request whose answer is out before its span ends', async () => {
    const spans = await trace('/api/hello/you', 'GET /api/hello/[name]');
    assert.equal(spans.find(isEntry)?.name, 'GET /api/hello/[name]');
  });

  it('has its failures on its own spans and on the request', async () => {
    const spans = await trace('/api/hello/nobody', 'GET /api/hello/[name]');
    assert.equal(spans.find(isEntry)?.attributes['http.response.status_code'], 500);
    const handler = spans.find(({ name }) => name.startsWith('executing api route'));
    assert.equal(handler?.attributes['error.type'], 'Error');
  });
});

describe('Prisma', () => {
  const collector = new FakeCollector();
  let postgres: Postgres;
  let app: App;

  before(async () => {
    const folder = frameworkApp('prisma');
    const args = [programOf('prisma', 'build/index.js'), 'generate', '--schema', 'schema.prisma'];
    // The engine that changes schemas is asked for and not used.
    const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
    run(process.execPath, args, { cwd: folder, env });
    postgres = await startPostgres();
    await collector.listen();
    app = new App({
      fixture: `${folder}/server.cjs`,
      cwd: folder,
      collector,
      env: { ...postgres.env, VENTURI_CONTRIB: 'true' },
    });
    await app.port();
  });
  after(async () => {
    await app.stop();
    await collector.close();
    await postgres.stop();
  });

  it('has its operations below the request, and the statement of its driver below them', async () => {
    await app.get('/books');
    const all = await collector.waitForSpans(
      (spans) =>
        spans.some(isEntry) && spans.some(({ attributes }) => attributes.method === 'findMany'),
    );
    const entry = all.find(isEntry);
    const operation = all.find(({ attributes }) => attributes.method === 'findMany');
    assert.equal(operation?.parentSpanId, entry?.spanId);
    const query = all.find(
      ({ name, traceId }) => name === 'prisma:client:db_query' && traceId === entry?.traceId,
    );
    assert.equal(query?.parentSpanId, operation?.spanId);
    const statement = all.find(
      ({ name, traceId }) => name === 'SELECT public.Book' && traceId === entry?.traceId,
    );
    assert.equal(statement?.parentSpanId, query?.spanId);
    // Prisma's span of the statement and the driver's are one statement.
    assert.equal(entry?.attributes['venturi.db_count'], 1);
  });
});
