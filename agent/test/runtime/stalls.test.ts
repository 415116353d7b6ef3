// What blocks the loop of a real service is named: its function, line, request, victims and kind.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { durationMs, entryFor, fixturePath, lineOf, stallsOf } from '../support/stalls.js';

const FIXTURE = 'stalls.cjs';

describe('a stall of the event loop', { concurrency: false }, () => {
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

  const start = async (nodeArgs: string[] = []): Promise<void> => {
    app = new App({ fixture: FIXTURE, collector, nodeArgs: [...nodeArgs, '--require', REGISTER] });
    await app.port();
    // The worker must have come up before anything is blamed; the first stalls may come too early.
    await untilBlamed(app, collector);
  };
  const stallIn = async (path: string): Promise<DecodedSpan> => {
    collector.spans.length = 0;
    await app.get(path);
    const blamed = (spans: readonly DecodedSpan[]): DecodedSpan | undefined => {
      const entry = entryFor(spans, path.split('?')[0] as string);
      return stallsOf(spans).find(({ traceId }) => traceId === entry?.traceId);
    };
    const spans = await collector.waitForSpans((all) => blamed(all) !== undefined);
    return blamed(spans) as DecodedSpan;
  };

  // One look falls into a stall of 40 ms, and on a busy machine it comes too late now and then.
  for (const { ms, namedMin } of [
    { ms: 40, namedMin: 8 },
    { ms: 60, namedMin: 9 },
    { ms: 120, namedMin: 10 },
  ]) {
    it(`of ${ms} ms is named at least ${namedMin} times of ten`, async () => {
      await start();
      collector.spans.length = 0;
      for (let i = 0; i < 10; i++) await app.get(`/report?ms=${ms}`);
      const spans = await collector.waitForSpans((all) => stallsOf(all).length >= 10);
      const named = stallsOf(spans).filter(
        ({ attributes, parentSpanId }) =>
          attributes['code.function.name'] === 'renderReport' && parentSpanId !== '',
      );
      assert.ok(named.length >= namedMin, `${named.length} of ten were named`);
    });
  }

  for (const ms of [120, 400]) {
    it(`of ${ms} ms of CPU is blamed on function, line and request`, async () => {
      await start();
      const stall = await stallIn(`/report?ms=${ms}`);
      const entry = entryFor(collector.spans, '/report') as DecodedSpan;
      assert.equal(stall.attributes['code.function.name'], 'renderReport');
      assert.equal(stall.attributes['code.file.path'], fixturePath(FIXTURE));
      const lines = [
        lineOf(FIXTURE, "renderReport's line"),
        lineOf(FIXTURE, "renderReport's line") - 1,
      ];
      assert.ok(lines.includes(Number(stall.attributes['code.line.number'])));
      assert.match(String(stall.attributes['code.stacktrace']), /at renderReport \(.+:\d+:\d+\)\n/);
      assert.equal(stall.parentSpanId, entry.spanId);
      assert.equal(stall.attributes['http.request.method'], 'GET');
      assert.equal(stall.attributes['venturi.stall.kind'], 'js');
      assert.ok(Number(stall.attributes['venturi.stall.samples']) >= 1);
      assert.ok(Number(stall.attributes['venturi.stall.cpu_ms']) >= ms * 0.8);
      assert.ok(durationMs(stall) >= ms * 0.9 && durationMs(stall) <= durationMs(entry) + 25);
      const blocked = Number(entry.attributes['venturi.loop_blocked_ms']);
      assert.ok(blocked >= durationMs(stall) * 0.8 && blocked <= durationMs(entry) + 0.01);
    });
  }

  it('is told apart from another in the same turn of the loop', async () => {
    await start();
    collector.spans.length = 0;
    await Promise.all([app.get('/report?ms=150'), app.get('/burn?ms=150')]);
    const entryOf = (stall: DecodedSpan): DecodedSpan | undefined =>
      collector.spans.find((span) => span.spanId === stall.parentSpanId);
    const spans = await collector.waitForSpans(
      (all) => stallsOf(all).filter((stall) => entryOf(stall) !== undefined).length >= 2,
    );
    const seen = stallsOf(spans).map((stall) => {
      const entry = entryOf(stall);
      return `${entry?.attributes['url.path']} ${stall.attributes['code.function.name']}`;
    });
    assert.deepEqual(seen.sort(), ['/burn burn', '/report renderReport']);
  });

  it('in a timer without a request is a trace of its own', async () => {
    await start();
    collector.spans.length = 0;
    await app.get('/timer?ms=120');
    const spans = await collector.waitForSpans((all) => stallsOf(all).length > 0);
    const stall = stallsOf(spans)[0] as DecodedSpan;
    assert.equal(stall.parentSpanId, '');
    assert.equal(stall.attributes['code.function.name'], 'burn');
    assert.equal(stall.attributes['http.route'], undefined);
  });

  it('in native code is blamed on the function that called it', async () => {
    await start();
    for (const [path, name] of [
      ['/hash', 'hashPassword'],
      ['/command', 'runCommand'],
      ['/parse', 'parseLarge'],
    ] as const) {
      if (path === '/parse') await app.get('/prepare');
      const stall = await stallIn(path);
      assert.equal(stall.attributes['code.function.name'], name);
      assert.equal(stall.attributes['venturi.stall.native'], true);
    }
  });

  it('counts how long the other requests in flight waited', async () => {
    await start();
    const slow = [app.get('/slow?ms=600'), app.get('/slow?ms=600')];
    // They must be in flight before the loop is blocked.
    await sleep(150);
    const stall = await stallIn('/report?ms=150');
    await Promise.all(slow);
    assert.equal(stall.attributes['venturi.stall.inflight'], 2);
    const expected = 2 * durationMs(stall);
    const victims = Number(stall.attributes['venturi.stall.victim_ms']);
    assert.ok(Math.abs(victims - expected) <= 0.1 * expected, `${victims} of ${expected}`);
    const spans = await collector.waitForSpans((all) => entryFor(all, '/slow') !== undefined);
    const victim = entryFor(spans, '/slow') as DecodedSpan;
    const blocked = Number(victim.attributes['venturi.loop_blocked_ms']);
    assert.ok(Math.abs(blocked - durationMs(stall)) <= 0.1 * durationMs(stall));
  });

  it('that the garbage collector made is of kind gc, and its request has paid for it', async () => {
    await start(['--max-old-space-size=64', '--max-semi-space-size=1']);
    const stall = await stallIn('/heap');
    assert.equal(stall.attributes['venturi.stall.kind'], 'gc');
    assert.ok(Number(stall.attributes['venturi.gc_ms']) > durationMs(stall) / 2);
    const entry = entryFor(collector.spans, '/heap') as DecodedSpan;
    assert.ok(Number(entry.attributes['venturi.gc_ms']) > durationMs(stall) / 2);
  });
});

describe('the source of a stall', { concurrency: false }, () => {
  for (const { title, fixture, name, nodeArgs } of [
    {
      title: 'an ES module',
      fixture: 'stalls.mjs',
      name: 'render',
      nodeArgs: ['--import', pathToFileURL(REGISTER).href],
    },
    {
      title: 'TypeScript through tsx',
      fixture: 'stalls.mts',
      name: 'Report.render',
      nodeArgs: ['--require', REGISTER, '--import', 'tsx'],
    },
  ]) {
    it(`is its own line in ${title}`, async () => {
      const collector = new FakeCollector();
      await collector.listen();
      const app = new App({ fixture, collector, nodeArgs });
      try {
        const stall = await untilBlamed(app, collector);
        assert.equal(stall.attributes['code.file.path'], fixturePath(fixture));
        assert.equal(stall.attributes['code.function.name'], name);
        const line = lineOf(fixture, `${name}'s line`);
        assert.ok(Math.abs(Number(stall.attributes['code.line.number']) - line) <= 1);
      } finally {
        await app.stop();
        await collector.close();
      }
    });
  }
});

/** Blocks again and again until a stall names a function: the worker takes a moment to come up. */
async function untilBlamed(app: App, collector: FakeCollector): Promise<DecodedSpan> {
  const blamed = (): DecodedSpan | undefined =>
    stallsOf(collector.spans).find(
      // A loader may block the loop too while it compiles; that is no request's doing.
      ({ attributes }) =>
        attributes['code.function.name'] !== undefined &&
        attributes['http.request.method'] !== undefined,
    );
  for (let i = 0; i < 20; i++) {
    await app.get('/burn?ms=80');
    const deadline = Date.now() + 500;
    while (blamed() === undefined && Date.now() < deadline) await sleep(20);
    const stall = blamed();
    if (stall !== undefined) return stall;
  }
  throw new Error('No stall names a function');
}
