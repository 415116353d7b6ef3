// How processes end with the agent inside: the same code, signal and output, and nothing lost.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';

/** The regular flush never comes, so whatever arrives was flushed at the end. */
const NEVER = { VENTURI_FLUSH_INTERVAL_MS: '60000' };

describe('at the end of the process', { concurrency: false }, () => {
  let collector: FakeCollector;
  let app: App;

  beforeEach(async () => {
    collector = new FakeCollector();
    await collector.listen();
  });
  afterEach(async () => {
    await app.stop();
    await collector.close();
  });

  const entry = (path: string): DecodedSpan | undefined =>
    collector.spans.find(({ attributes }) => attributes['url.path'] === path);

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`flushes on ${signal} and still dies of it`, async () => {
      app = new App({ fixture: 'http.cjs', collector, env: NEVER });
      await app.get('/plain');
      const ending = await app.stop(signal);
      assert.equal(ending.signal, signal);
      assert.equal(ending.stderr, '');
      assert.ok(entry('/plain'));
    });
  }

  it('leaves signals to an application that handles them', async () => {
    app = new App({ fixture: 'http.cjs', collector, env: { ...NEVER, OWN_HANDLER: '1' } });
    await app.get('/plain');
    const ending = await app.stop('SIGTERM');
    assert.equal(ending.code, 3);
    assert.match(ending.stdout, /own handler/);
    assert.ok(entry('/plain'));
  });

  it('flushes in process.exit()', async () => {
    app = new App({ fixture: 'http.cjs', collector, env: NEVER });
    await app.get('/exit');
    const ending = await app.ended;
    assert.equal(ending.code, 7);
    assert.equal(ending.stderr, '');
    assert.ok(entry('/exit'));
  });

  it('keeps the exception that killed the process, on the request that threw it', async () => {
    app = new App({ fixture: 'http.cjs', collector, env: NEVER });
    await assert.rejects(app.get('/throw'));
    const ending = await app.ended;
    assert.equal(ending.code, 1);
    assert.match(ending.stderr, /nobody catches this/);
    const span = entry('/throw');
    assert.equal(span?.status.code, 2);
    assert.equal(span?.attributes['error.type'], 'SyntaxError');
    assert.equal(span?.events[0]?.attributes['exception.message'], 'nobody catches this');
  });

  it('flushes where the event loop runs empty, and emits beforeExit no more often', async () => {
    app = new App({ fixture: 'script.cjs', collector, env: NEVER, args: ['beforeExit'] });
    const ending = await app.ended;
    assert.deepEqual([ending.code, ending.stderr], [0, '']);
    assert.equal(ending.stdout, 'called\nbeforeExit\n');
    assert.ok(collector.spans.some(({ name }) => name === 'GET'));
  });

  it('flushes where nobody listens to beforeExit', async () => {
    app = new App({ fixture: 'script.cjs', collector, env: NEVER });
    const ending = await app.ended;
    assert.deepEqual([ending.code, ending.stdout, ending.stderr], [0, 'called\n', '']);
    assert.ok(collector.spans.some(({ name }) => name === 'GET'));
  });

  it('flushes in workers of a cluster that disconnect', async () => {
    app = new App({ fixture: 'cluster.cjs', collector, env: NEVER });
    const ending = await app.ended;
    assert.deepEqual([ending.code, ending.stderr], [0, '']);
    const pids = new Set(collector.spans.map(({ resource }) => resource['process.pid']));
    assert.ok(collector.spans.some(({ kind }) => kind === 2));
    assert.ok(pids.size >= 2, `spans of ${pids.size} processes`);
  });

  it('does not wait for a collector that is not there', async () => {
    const url = 'http://127.0.0.1:1';
    app = new App({
      fixture: 'http.cjs',
      env: { VENTURI_ENDPOINT: url, VENTURI_FLUSH_INTERVAL_MS: '10' },
    });
    await app.get('/plain');
    const startMs = Date.now();
    await app.get('/exit');
    const ending = await app.ended;
    assert.equal(ending.code, 7);
    assert.ok(Date.now() - startMs < 2000);
  });
});

describe('NODE_OPTIONS', () => {
  it('may name the agent by a path with spaces', () => {
    const quoted = `--require "${REGISTER}"`;
    const result = spawnSync(
      process.execPath,
      ['-e', 'console.log(typeof globalThis[Symbol.for("venturi.agent.started")])'],
      {
        env: { ...process.env, NODE_OPTIONS: quoted },
        encoding: 'utf8',
      },
    );
    assert.deepEqual([result.stdout, result.stderr], ['boolean\n', '']);
  });
});
