// What looks like a stall and is none; and that the watchdog never keeps, delays or disturbs a process.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, REGISTER } from '../support/app.js';
import { FakeCollector } from '../support/fake-collector.js';
import type { DecodedSpan } from '../support/otlp-proto.js';
import { durationMs, entryFor, stallsOf } from '../support/stalls.js';

/** The permission model has another flag since Node 23.5. */
/** From Node 25 on the permission model closes the network too, which a service cannot do without. */
const ALLOW_NET = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : [];
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** A debugger that somebody attaches takes 40 to 90 ms of CPU by itself, so it is attached before; a pause takes less. */
const DEBUGGED = { VENTURI_STALL_THRESHOLD_MS: '60' };

describe('the watchdog', { concurrency: false }, () => {
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

  const stallsSince = (nano: bigint): DecodedSpan[] =>
    stallsOf(collector.spans).filter(({ startNano }) => startNano >= nano);

  it('leaves out the time in which the process was stopped', async () => {
    app = new App({ fixture: 'stalls.cjs', collector });
    await app.port();
    await sleep(500);
    const answer = app.get('/report?ms=200');
    await sleep(100);
    // In the middle of running code, where the silence is not the loop's idling.
    app.child.kill('SIGSTOP');
    await sleep(1500);
    app.child.kill('SIGCONT');
    await answer;
    const spans = await collector.waitForSpans((all) => stallsOf(all).length > 0);
    const entry = entryFor(spans, '/report') as DecodedSpan;
    assert.ok(durationMs(entry) >= 1500);
    // On a busy machine a stall may be twice as long as its CPU time.
    assert.ok(stallsOf(spans).every((stall) => durationMs(stall) < 750));
  });

  it('takes a process that was stopped in a short callback for no stall', async () => {
    app = new App({ fixture: 'stalls.cjs', collector });
    await app.port();
    // What V8 compiles for the first request takes a good part of the threshold by itself.
    await app.get('/report?ms=1');
    await sleep(500);
    const sinceNano = nowNano();
    const answer = app.get('/report?ms=15');
    app.child.kill('SIGSTOP');
    await sleep(800);
    app.child.kill('SIGCONT');
    await answer;
    await app.get('/slow?ms=600');
    await collector.waitForSpans((spans) => entryFor(spans, '/slow') !== undefined);
    assert.deepEqual(stallsSince(sinceNano), []);
  });

  it('takes a breakpoint for no stall, and leaves it alone', async () => {
    app = new App({ fixture: 'breakpoint.cjs', collector, env: DEBUGGED });
    await app.port();
    // The first time, V8 compiles what a request and what a pause need.
    await app.get('/first');
    await sleep(800);
    const sinceNano = nowNano();
    assert.equal((await app.get('/')).body, 'done');
    await sleep(600);
    await collector.waitForSpans((spans) => entryFor(spans, '/') !== undefined);
    assert.deepEqual(stallsSince(sinceNano), []);
    const { attributes } = entryFor(collector.spans, '/') as DecodedSpan;
    assert.ok(Number(attributes['venturi.loop_busy_ms']) >= 450, 'the loop was held up');
    assert.equal(attributes['venturi.loop_blocked_ms'], undefined);
  });

  it('lets a process end by itself at once', async () => {
    const begun = Date.now();
    app = new App({ fixture: 'short.cjs', args: ['return', '100'], env: offline() });
    const { code, stderr } = await app.ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.ok(Date.now() - begun < 5_000);
  });

  for (const ms of [25, 28, 31, 34, 60, 150]) {
    it(`lets process.exit() end a stall of ${ms} ms without a word`, async () => {
      app = new App({ fixture: 'short.cjs', args: ['exit', String(ms)], env: offline() });
      const { code, stderr } = await app.ended;
      assert.deepEqual({ code, stderr }, { code: 3, stderr: '' });
    });
  }

  it('goes on without its worker where threads are forbidden, and says so once', async () => {
    const nodeArgs = [PERMISSION, '--allow-fs-read=*', ...ALLOW_NET, '--no-warnings'];
    nodeArgs.push('--require', REGISTER);
    app = new App({ fixture: 'stalls.cjs', collector, nodeArgs });
    await app.port();
    await sleep(300);
    await app.get('/burn?ms=120');
    await app.get('/burn?ms=120');
    const spans = await collector.waitForSpans((all) => stallsOf(all).length > 0);
    assert.equal(stallsOf(spans)[0]?.attributes['code.function.name'], undefined);
    const { stderr } = await app.stop('SIGTERM');
    assert.equal(stderr.split('VENTURI_A006').length, 2, stderr);
  });
});

function nowNano(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** Nobody listens on the discard port, so nothing is flushed at the end. */
function offline(): Record<string, string> {
  return { VENTURI_ENDPOINT: 'http://127.0.0.1:9', VENTURI_EXIT_TIMEOUT_MS: '0' };
}
