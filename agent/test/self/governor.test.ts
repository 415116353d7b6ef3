// The governor, with figures that the test invents: what it leaves out, in which order, and when it gives it back.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Governor } from '../../src/self/governor.js';
import { SHED_STEPS, shed } from '../../src/self/shed.js';

const SHARE_MAX = 0.03;
const ELAPSED_MS = 5000;
/** A process that takes half a core. */
const PROCESS_MS = 2500;

describe('the governor', () => {
  let shedNames: string[] = [];
  const governor = (options: { shareMax?: number; without?: 'spans'[] } = {}): Governor => {
    shedNames = [];
    const onShed = ({ name }: { name: string }): number => shedNames.push(name);
    return new Governor({ shareMax: SHARE_MAX, without: [], onShed, ...options });
  };
  const read = (of: Governor, share: number, times = 1, processMs = PROCESS_MS): void => {
    for (let i = 0; i < times; i++) {
      of.read({ elapsedMs: ELAPSED_MS, processMs, ownMs: share * processMs, samples: 1000 });
    }
  };
  afterEach(() => {
    for (const step of SHED_STEPS) step.undo();
    shed.spansShare = 1;
  });

  it('leaves everything in place up to the limit', () => {
    const one = governor();
    read(one, SHARE_MAX, 100);
    assert.equal(one.level, 0);
    assert.deepEqual(shedNames, []);
  });

  it('takes one step after each further reading beyond the limit, what names a bottleneck last', () => {
    const one = governor();
    read(one, 0.05);
    assert.equal(one.level, 0);
    const shares: number[] = [];
    for (let i = 0; i <= SHED_STEPS.length; i++) {
      read(one, 0.05);
      shares.push(shed.spansShare);
    }
    assert.deepEqual(
      shedNames,
      SHED_STEPS.map(({ name }) => name),
    );
    assert.deepEqual([shed.comparisons, shed.slowSteps, shed.lowLogs], [true, true, true]);
    const last = 1 / 64;
    assert.deepEqual(shares, [1, 1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, last, last, last]);
    assert.equal(SHED_STEPS.at(-1)?.name, 'comparisons');
    assert.equal(one.level, SHED_STEPS.length);
  });

  it('gives back in the opposite order, one step after half a minute well below the limit', () => {
    const one = governor();
    read(one, 0.05, 5);
    assert.equal(shed.spansShare, 1 / 4);
    read(one, 0.02, 100);
    assert.equal(shed.spansShare, 1 / 4);
    read(one, 0.01, 5);
    assert.equal(shed.spansShare, 1 / 4);
    read(one, 0.01);
    assert.equal(shed.spansShare, 1 / 2);
    read(one, 0.01, 6);
    assert.equal(shed.spansShare, 1);
    read(one, 0.01, 12);
    assert.deepEqual([shed.slowSteps, shed.lowLogs], [false, false]);
    assert.equal(one.level, 0);
  });

  it('waits longer each time that giving back was too early', () => {
    const one = governor();
    read(one, 0.05, 2);
    for (const readings of [6, 12, 24, 48, 96, 96]) {
      read(one, 0.01, readings - 1);
      assert.equal(one.level, 1);
      read(one, 0.01);
      assert.equal(one.level, 0);
      read(one, 0.05, 2);
      assert.equal(one.level, 1);
    }
  });

  it('is patient no longer than need be when giving back was right', () => {
    const one = governor();
    read(one, 0.05, 2);
    read(one, 0.01, 6);
    read(one, 0.05, 2);
    read(one, 0.01, 12);
    read(one, 0.02, 13);
    read(one, 0.05, 2);
    read(one, 0.01, 6);
    assert.equal(one.level, 0);
  });

  it('lets a process that does next to nothing alone', () => {
    const one = governor();
    read(one, 0.5, 10, 80);
    assert.equal(one.level, 0);
    read(one, 0.5, 2, 120);
    assert.equal(one.level, 1);
  });

  it('does not act on a few calls, nor on one reading', () => {
    const one = governor();
    const ownMs = 0.5 * PROCESS_MS;
    for (let i = 0; i < 10; i++) {
      one.read({ elapsedMs: ELAPSED_MS, processMs: PROCESS_MS, ownMs, samples: 29 });
      read(one, 0.05);
      read(one, 0.02);
    }
    assert.equal(one.level, 0);
  });

  it('keeps all requests where a person has said which to keep', () => {
    const one = governor({ without: ['spans'] });
    read(one, 0.5, 20);
    assert.equal(one.level, 3);
    assert.equal(shed.spansShare, 1);
  });

  it('only measures where the limit is 0', () => {
    const one = governor({ shareMax: 0 });
    assert.equal(one.read({ elapsedMs: ELAPSED_MS, processMs: 100, ownMs: 50, samples: 100 }), 0.5);
    assert.equal(one.level, 0);
  });
});
