// Calls in series: when the second is said to have waited for nothing, and what that is worth.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Repeats } from '../../src/trace/repeats.js';
import { Series, type SeriesCall } from '../../src/trace/series.js';

const call = (startMs: number, more: Partial<SeriesCall> = {}): SeriesCall => ({
  startMs,
  isRead: true,
  inputs: 7,
  takesNothing: false,
  lane: undefined,
  ...more,
});

/** Two calls, of 10 ms and of 4 ms. */
function two(first: Partial<SeriesCall>, second: Partial<SeriesCall>, gapMs = 0.1): Series {
  const series = new Series();
  const a = call(100, first);
  series.begin(a);
  series.end(a, 110);
  const b = call(110 + gapMs, second);
  series.begin(b);
  series.end(b, 114 + gapMs);
  return series;
}

describe('a call in series', () => {
  it('would have been free beside a longer one, where its values were known before', () => {
    const series = two({}, {});
    assert.equal(series.count, 1);
    assert.ok(Math.abs(series.ms - 4) < 0.001);
    assert.ok(Math.abs(series.confidence - 0.7) < 0.001);
  });

  it('is less certain where it takes no values', () => {
    const { confidence } = two({}, { inputs: 0, takesNothing: true });
    assert.ok(Math.abs(confidence - 0.5) < 0.001);
  });

  it('may need the other where its values are new, or unknown', () => {
    assert.equal(two({}, { inputs: 8 }).count, 0);
    assert.equal(two({}, { inputs: 0 }).count, 0);
  });

  it('may wait for something else where it does not follow at once', () => {
    assert.equal(two({}, {}, 2).count, 0);
  });

  it('has to wait where one of them writes, or both share a connection', () => {
    const lane = {};
    assert.equal(two({ isRead: false }, {}).count, 0);
    assert.equal(two({}, { isRead: false }).count, 0);
    assert.equal(two({ lane }, { lane }).count, 0);
    assert.equal(two({ lane }, { lane: {} }).count, 1);
  });

  it('is not in series while another is in flight', () => {
    const series = new Series();
    const calls = [call(0), call(1), call(11)];
    const [a, b, c] = calls as [SeriesCall, SeriesCall, SeriesCall];
    series.begin(a);
    series.begin(b);
    series.end(a, 10);
    series.end(b, 11);
    series.begin(c);
    series.end(c, 12);
    assert.equal(series.count, 0);
  });
});

describe('duplicate reads', () => {
  it('are found among the latest, as many as there may be', () => {
    const repeats = new Repeats();
    for (let i = 1; i <= 1000; i++) assert.equal(repeats.isDuplicate(i), false);
    assert.equal(repeats.isDuplicate(1000), true);
    assert.equal(repeats.isDuplicate(970), true);
    assert.equal(repeats.isDuplicate(1), false);
    repeats.wrote();
    assert.equal(repeats.isDuplicate(1000), false);
  });

  it('and repetitions are told apart for so many statements', () => {
    const repeats = new Repeats();
    for (let i = 0; i < 32; i++) assert.ok(repeats.count(`statement ${i}`));
    assert.equal(repeats.count('one too many'), undefined);
    assert.equal(repeats.count('statement 3')?.count, 2);
  });
});
