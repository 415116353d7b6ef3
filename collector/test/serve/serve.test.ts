// The read API and the viewer over HTTP: who is let in, what is answered, and how errors read.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type FastifyInstance, fastify } from 'fastify';
import { StoreError } from '../../src/clickhouse/store-error.js';
import { createSystemClock } from '../../src/self/clock.js';
import { createCounters } from '../../src/self/counters.js';
import { VenturiError } from '../../src/self/errors.js';
import { createLog } from '../../src/self/log.js';
import { registerServe, type ServeDeps } from '../../src/serve/index.js';

let folder: string;
let server: FastifyInstance;
let asked: unknown[];
let touched: number;
let failure: Error | undefined;

async function build(host = '127.0.0.1'): Promise<FastifyInstance> {
  const instance = fastify();
  const counters = createCounters(() => Date.now());
  counters.sawService('shop');
  counters.add('rowsInserted', 7);
  const deps: ServeDeps = {
    panels: {
      list: () => [{ uid: 'a', title: 'A', description: '' }],
      dashboard(uid) {
        if (uid !== 'a') throw new VenturiError('NOT_FOUND', { detail: uid });
        return { uid };
      },
      async query(request) {
        asked.push(request);
        if (failure) throw failure;
        return { columns: [], rows: [], sql: 'SELECT 1', elapsedMs: 1 };
      },
      async variable(request) {
        asked.push(request);
        return { options: [{ text: 'x', value: 'x' }], sql: 'SELECT 1' };
      },
    },
    config: { host, dashboardsDir: join(folder, 'generated') },
    log: createLog({ level: 'silent', name: 'test' }),
    clock: createSystemClock(),
    watch: { touch: () => void touched++, active: () => true, onWake: () => undefined },
    counters,
    flush: async () => void asked.push('flush'),
    locate: async (from, to) => ({ from, to, bottlenecks: [] }),
  };
  await registerServe(instance, deps);
  return instance;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'venturi-serve-'));
  await mkdir(join(folder, 'generated'));
  await mkdir(join(folder, 'dist', 'viewer'), { recursive: true });
  await writeFile(join(folder, 'dist', 'viewer', 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'dist', 'viewer', 'main-1.js'), 'export {};');
  await writeFile(join(folder, 'dist', 'viewer', 'secret.env'), 'no');
  server = await build();
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  touched = 0;
  failure = undefined;
});

const headers = { host: '127.0.0.1:4318' };
const question = {
  ...{ dashboard: 'a', panelId: 1, refId: 'A', from: 1000, to: 2000, intervalMs: 1000 },
  variables: { service: 'shop' },
};

describe('who may use the API', () => {
  const hosts: [host: string, status: number][] = [
    ['127.0.0.1:4318', 200],
    ['localhost:4318', 200],
    ['[::1]:4318', 200],
    ['192.168.1.7:4318', 200],
    ['shop.localhost', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example:4318', 403],
    ['localhost.evil.example', 403],
  ];
  for (const [host, status] of hosts) {
    it(`answers ${status} for the host "${host}"`, async () => {
      const answer = await server.inject({ url: '/api/v1/status', headers: { host } });
      assert.equal(answer.statusCode, status);
      if (status === 403) assert.equal(answer.json().code, 'CALLER_REFUSED');
    });
  }

  it('takes a name that is configured', async () => {
    const named = await build('apm.example');
    const answer = await named.inject({
      url: '/api/v1/status',
      headers: { host: 'apm.example:4318' },
    });
    assert.equal(answer.statusCode, 200);
    await named.close();
  });

  it('refuses what another site sends, and takes what a person opens', async () => {
    const send = async (more: Record<string, string>) =>
      (await server.inject({ url: '/api/v1/status', headers: { ...headers, ...more } })).statusCode;
    assert.equal(await send({ origin: 'http://evil.example' }), 403);
    assert.equal(await send({ origin: 'http://127.0.0.1:3000' }), 403);
    assert.equal(await send({ origin: 'null' }), 403);
    assert.equal(await send({ origin: 'http://127.0.0.1:4318' }), 200);
    assert.equal(await send({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }), 403);
    assert.equal(await send({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }), 200);
    assert.equal(await send({ 'sec-fetch-site': 'same-origin' }), 200);
  });

  it('takes JSON only', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await server.inject({
        ...{ method: 'POST', url: '/api/v1/query', payload: JSON.stringify(question) },
        headers: { ...headers, 'content-type': type },
      });
      assert.equal(answer.statusCode, 400, type);
      assert.deepEqual(asked, []);
    }
  });
});

describe('what the API answers', () => {
  const post = (url: string, payload: object) =>
    server.inject({ method: 'POST', url, headers, payload });

  it('asks for a panel by its names, and counts as watching', async () => {
    const answer = await post('/api/v1/query', question);
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.json().sql, 'SELECT 1');
    const { from, to, ...rest } = question;
    assert.deepEqual(asked, [{ ...rest, fromMs: from, toMs: to }]);
    assert.equal(touched, 1);
  });

  it('lists dashboards and the choices of a variable', async () => {
    const list = await server.inject({ url: '/api/v1/dashboards', headers });
    assert.deepEqual(list.json(), [{ uid: 'a', title: 'A', description: '' }]);
    assert.deepEqual((await server.inject({ url: '/api/v1/dashboards/a', headers })).json(), {
      uid: 'a',
    });
    assert.equal((await server.inject({ url: '/api/v1/dashboards/b', headers })).statusCode, 404);
    const { panelId: _, refId: __, ...rest } = question;
    const choices = await post('/api/v1/variable', { ...rest, name: 'service' });
    assert.deepEqual(choices.json().options, [{ text: 'x', value: 'x' }]);
  });

  it('names the field that is wrong', async () => {
    const wrong: [change: object, field: RegExp][] = [
      [{ dashboard: 7 }, /dashboard/],
      [{ panelId: '1' }, /panelId/],
      [{ refId: '' }, /refId/],
      [{ from: 'now' }, /from/],
      [{ to: 1.5 }, /to /],
      [{ variables: { a: 1 } }, /variables\.a/],
      [{ variables: [] }, /JSON object/],
    ];
    for (const [change, field] of wrong) {
      const answer = await post('/api/v1/query', { ...question, ...change });
      assert.equal(answer.statusCode, 400);
      assert.match(answer.json().message, field);
    }
    assert.deepEqual(asked, []);
  });

  it('says what ClickHouse said, without failing as a whole', async () => {
    const failures: [Error, number, string][] = [
      [new StoreError('no such column', { clickhouseCode: 47 }), 502, 'QUERY_FAILED'],
      [new StoreError('late', { clickhouseCode: 159 }), 504, 'QUERY_TIMEOUT'],
      [new StoreError('gone', { clickhouseCode: 0 }), 503, 'STORE_UNREACHABLE'],
      [new Error('boom'), 500, 'INTERNAL'],
    ];
    for (const [error, status, code] of failures) {
      failure = error;
      const answer = await post('/api/v1/query', question);
      assert.equal(answer.statusCode, status);
      assert.equal(answer.json().code, code);
      assert.match(answer.json().docs, /^docs\/reference\/errors\.md#/);
    }
  });

  it('locates over a window, after a flush where it is asked for', async () => {
    const plain = await server.inject({ url: '/api/v1/bottlenecks?from=1&to=2', headers });
    assert.deepEqual(plain.json(), { from: 1, to: 2, bottlenecks: [] });
    assert.deepEqual(asked, []);
    const recent = (await server.inject({ url: '/api/v1/bottlenecks?flush=1', headers })).json();
    assert.deepEqual(asked, ['flush']);
    assert.equal(recent.to - recent.from, 900_000);
    const wrong = await server.inject({ url: '/api/v1/bottlenecks?from=x', headers });
    assert.equal(wrong.statusCode, 400);
  });

  it('flushes with and without a body, and tells its counts', async () => {
    assert.equal(
      (await server.inject({ method: 'POST', url: '/api/v1/flush', headers })).statusCode,
      200,
    );
    assert.equal((await post('/api/v1/flush', {})).statusCode, 200);
    const status = (await server.inject({ url: '/api/v1/status', headers })).json();
    assert.equal(status.inserted, 7);
    assert.deepEqual(status.services, ['shop']);
  });
});

describe('the viewer’s files', () => {
  it('are one page at / and /d/:uid, under a strict policy, looked at anew each time', async () => {
    for (const url of ['/', '/d/venturi-trace?var-trace_id=1']) {
      const answer = await server.inject({ url, headers });
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(answer.headers['cache-control'], 'no-cache');
      const policy = String(answer.headers['content-security-policy']);
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*/);
      const again = await server.inject({
        url,
        headers: { ...headers, 'if-none-match': String(answer.headers.etag) },
      });
      assert.equal(again.statusCode, 304);
    }
  });

  it('are kept for ever where their name has a hash, and are nothing but known kinds', async () => {
    const script = await server.inject({ url: '/assets/main-1.js', headers });
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.match(String(script.headers['cache-control']), /immutable/);
    for (const url of [
      '/assets/secret.env',
      '/assets/..%2findex.html',
      '/assets/%2e%2e/package.json',
      '/assets/nope.js',
    ]) {
      assert.equal((await server.inject({ url, headers })).statusCode, 404, url);
    }
  });
});
