// Counters and the watch: what the collector knows of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCounters } from '../../src/self/counters.js';
import { createWatch } from '../../src/self/watch.js';
import { createManualClock } from '../support/folders.js';

test('counters grow, and a snapshot does not', () => {
  const counters = createCounters(() => 0);
  counters.add('spansReceived', 3);
  const snapshot = counters.snapshot();
  counters.add('spansReceived');
  assert.equal(snapshot.spansReceived, 3);
  assert.equal(counters.get('spansReceived'), 4);
});

test('a service counts as seen for the window after its last request', () => {
  const clock = createManualClock();
  const counters = createCounters(clock.now);
  counters.sawService('shop');
  clock.advance(40_000);
  counters.sawService('pay');
  assert.deepEqual(counters.servicesSeen(60_000), ['pay', 'shop']);
  clock.advance(30_000);
  assert.deepEqual(counters.servicesSeen(60_000), ['pay']);
});

test('a watch is active for its window after a touch, and wakes once a quiet time ends', () => {
  const clock = createManualClock();
  const watch = createWatch(clock, 15_000);
  let wakes = 0;
  watch.onWake(() => {
    wakes += 1;
  });
  assert.equal(watch.active(), false);
  watch.touch();
  watch.touch();
  assert.equal(watch.active(), true);
  clock.advance(15_001);
  assert.equal(watch.active(), false);
  watch.touch();
  assert.equal(wakes, 2);
});
