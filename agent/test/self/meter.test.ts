// What the agent estimates that its functions take, against what they were made to take.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Meter, starts } from '../../src/self/meter.js';

describe('a meter', () => {
  /** A call that takes so long, on the clock that the meter reads. */
  const call = (meter: Meter, ms: number): void => {
    const sinceMs = starts();
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
    if (sinceMs !== 0) meter.ends(sinceMs);
  };

  it('estimates from a sample what all calls took, each module its own', () => {
    const [quick, slow] = [new Meter('quick'), new Meter('slow')];
    let [quickMs, slowMs] = [0, 0];
    for (let i = 0; i < 20_000; i++) {
      const startMs = performance.now();
      call(quick, 0.01);
      const middleMs = performance.now();
      call(slow, 0.05);
      quickMs += middleMs - startMs;
      slowMs += performance.now() - middleMs;
    }
    // Of some 200 samples each.
    const quickPart = quick.take() / quickMs;
    const slowPart = slow.take() / slowMs;
    assert.ok(quickPart > 0.6 && quickPart < 1.4, `quick ${quickPart}`);
    assert.ok(slowPart > 0.6 && slowPart < 1.4, `slow ${slowPart}`);
    assert.equal(quick.take(), 0);
  });

  it('is not misled by a pause that falls into a call', () => {
    const meter = new Meter('paused');
    for (let i = 0; i < 200; i++) meter.ends(performance.now() - 0.01);
    meter.ends(performance.now() - 50);
    // 201 samples stand for 101 calls each; the pause alone would be 5 s.
    assert.ok(meter.take() < 101 * (201 * 0.02 + 1));
  });

  it('counts more samples than it keeps', () => {
    const meter = new Meter('many');
    for (let i = 0; i < 1000; i++) meter.ends(performance.now() - 1);
    const ms = meter.take();
    assert.ok(ms > 1000 * 101 && ms < 1100 * 101, String(ms));
  });

  it('adds what is rare as it is', () => {
    const meter = new Meter('rare');
    meter.add(3);
    assert.equal(
      meter.run(() => 'result'),
      'result',
    );
    assert.throws(() => meter.run(() => assert.fail('thrown')), /thrown/);
    const ms = meter.take();
    assert.ok(ms >= 3 && ms < 13, String(ms));
  });
});
