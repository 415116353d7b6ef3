// The sampling weight that a tracestate carries.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleWeight } from '../../src/decode/trace/trace-state.js';

test('the threshold of the ot member is the weight', () => {
  assert.equal(sampleWeight('ot=th:0'), 1);
  assert.equal(sampleWeight('ot=th:8'), 2);
  assert.equal(sampleWeight('ot=th:c'), 4);
  assert.equal(sampleWeight('vendor=x, ot=rv:abcd;th:e6 ,b=c'), 256 / (256 - 0xe6));
});

test('without a valid threshold a span stands for itself', () => {
  for (const state of ['', 'ot=rv:1', 'ot=th:', 'ot=th:xyz', 'ot=th:123456789abcdef', 'th:8']) {
    assert.equal(sampleWeight(state), 1, state);
  }
});
