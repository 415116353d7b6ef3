// How sure a measured difference is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { median, medianInterval } from '../../src/cli/cost-interval.js';

describe('the interval of a median', () => {
  it('is a point where all pairs agree', () => {
    assert.deepEqual(medianInterval([7, 7, 7, 7]), { value: 7, low: 7, high: 7 });
  });

  it('holds what the pairs spread about, and is the same for the same pairs', () => {
    const pairs = [31, 28, 40, 33, 29, 35, 30, 36, 27, 34];
    const { value, low, high } = medianInterval(pairs);
    assert.equal(value, 32);
    assert.ok(low >= 28 && low < 32, String(low));
    assert.ok(high > 32 && high <= 36, String(high));
    assert.deepEqual(medianInterval(pairs), { value, low, high });
  });

  it('covers the true median in about 95 of 100 experiments', () => {
    let state = 1;
    const random = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    let covered = 0;
    for (let i = 0; i < 200; i++) {
      const { low, high } = medianInterval(Array.from({ length: 12 }, random));
      if (low <= 0.5 && high >= 0.5) covered++;
    }
    assert.ok(covered >= 180 && covered <= 200, `${covered} of 200`);
  });

  it('is of the middle, between two where there are as many on either side', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
  });
});
