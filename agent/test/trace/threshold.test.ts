// Thresholds and randomness in tracestate, by the examples and rules of OpenTelemetry's specification.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TraceId } from '../../src/otlp/trace-id.js';
import { pathTemplate } from '../../src/trace/path-template.js';
import {
  memberOf,
  randomnessOf,
  THRESHOLD_NEVER,
  thresholdIn,
  thresholdOf,
  withThreshold,
} from '../../src/trace/threshold.js';

describe('a sampling threshold', () => {
  it('is read with its trailing zeros left out, and among other members', () => {
    assert.equal(thresholdIn('ot=th:8'), THRESHOLD_NEVER / 2);
    assert.equal(thresholdIn('a=1,ot=rv:00000000000001;th:c'), (THRESHOLD_NEVER * 3) / 4);
    assert.equal(thresholdIn('ot=th:0'), 0);
    assert.equal(thresholdIn('not=th:8'), undefined);
    assert.equal(thresholdIn('ot=th:xyz'), undefined);
    assert.equal(thresholdIn(''), undefined);
  });

  it('is written in place of another, and leaves everything else alone', () => {
    assert.equal(withThreshold('', thresholdOf(0.5)), 'ot=th:800000000000');
    assert.equal(withThreshold('a=1', thresholdOf(0.25)), 'ot=th:c00000000000,a=1');
    assert.equal(
      withThreshold('b=2,ot=th:8;rv:0123456789abcd,c=3', thresholdOf(0.5)),
      'ot=th:800000000000;rv:0123456789abcd,b=2,c=3',
    );
  });

  it('is written with all its digits', () => {
    const lengths = [0, 1, 12_345, THRESHOLD_NEVER - 1, THRESHOLD_NEVER].map(
      (threshold) => memberOf(threshold).length,
    );
    assert.deepEqual(new Set(lengths), new Set([18]));
  });

  it('is compared with rv where the caller gives one, else with the end of the trace id', () => {
    const id = TraceId.parse('0af7651916cd43dd84ffffffffffffff');
    assert.equal(randomnessOf(id, ''), THRESHOLD_NEVER - 1);
    assert.equal(randomnessOf(id, 'ot=rv:00000000000100'), 1);
    assert.equal(randomnessOf(TraceId.parse('0af7651916cd43dd8480000000000000'), ''), 2 ** 47);
  });
});

describe('a path', () => {
  it('is counted without its identifiers', () => {
    assert.equal(pathTemplate('/users/4711/orders'), '/users/:/orders');
    assert.equal(pathTemplate('/api/v2/items/deadbeefdeadbeef'), '/api/v2/items/:');
    assert.equal(pathTemplate('/a/b'), '/a/b');
    assert.equal(pathTemplate(''), '');
  });
});
