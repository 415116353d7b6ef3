// 64-bit integers at every depth of a type: numbers where they fit, text where they don't.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { integerConverter } from '../../src/clickhouse/big-integers.js';

const big = '9223372036854775807';

describe('64-bit integers', () => {
  const cases: Array<[type: string, value: unknown, converted: unknown]> = [
    ['UInt64', '5', 5],
    ['Int64', '-9007199254740991', -9_007_199_254_740_991],
    ['Int64', big, big],
    ['Int128', '7', 7],
    ['Nullable(UInt64)', null, null],
    ['LowCardinality(Nullable(Int64))', '1', 1],
    ['Array(Array(UInt64))', [['1'], [big]], [[1], [big]]],
    ['Map(String, Array(UInt64))', { a: ['1'] }, { a: [1] }],
    ['Tuple(UInt64, String)', ['1', '2'], [1, '2']],
    [
      'Tuple(n UInt64, `odd, name` String)',
      { n: '1', 'odd, name': '2' },
      { n: 1, 'odd, name': '2' },
    ],
    ['Array(Tuple(k Int16, v UInt64))', [{ k: 1, v: '2' }], [{ k: 1, v: 2 }]],
    ['SimpleAggregateFunction(sum, UInt64)', '3', 3],
  ];
  for (const [type, value, converted] of cases) {
    it(`converts ${type}`, () => {
      assert.deepEqual(integerConverter(type)?.(value), converted);
    });
  }

  it('leaves the other types alone', () => {
    for (const type of [
      'String',
      'UInt32',
      'Array(String)',
      'Map(Int64, String)',
      'DateTime64(3)',
    ]) {
      assert.equal(integerConverter(type), undefined, type);
    }
  });
});
