// Macros expand as Grafana's ClickHouse datasource expands them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expandMacros } from '../../../src/query/panels/macros.js';

const range = { fromMs: 1_700_000_000_500, toMs: 1_700_000_900_999, intervalMs: 20_000 };

const CASES: [sql: string, expanded: string][] = [
  ['$__timeFilter(ts)', 'ts >= toDateTime(1700000000) AND ts <= toDateTime(1700000900)'],
  [
    '$__timeFilter_ms(ts)',
    'ts >= fromUnixTimestamp64Milli(1700000000500) AND ts <= fromUnixTimestamp64Milli(1700000900999)',
  ],
  ['$__dateFilter(d)', "d >= toDate('2023-11-14') AND d <= toDate('2023-11-14')"],
  [
    '$__dateTimeFilter(d, t)',
    "(d >= toDate('2023-11-14') AND d <= toDate('2023-11-14')) AND (t >= toDateTime(1700000000) AND t <= toDateTime(1700000900))",
  ],
  [
    '$__dt(d, t)',
    "(d >= toDate('2023-11-14') AND d <= toDate('2023-11-14')) AND (t >= toDateTime(1700000000) AND t <= toDateTime(1700000900))",
  ],
  ['$__fromTime - $__toTime', 'toDateTime(1700000000) - toDateTime(1700000900)'],
  ['$__fromTime_ms', 'fromUnixTimestamp64Milli(1700000000500)'],
  ['$__toTime_ms', 'fromUnixTimestamp64Milli(1700000900999)'],
  ['$__timeInterval(ts)', 'toStartOfInterval(toDateTime(ts), INTERVAL 20 second)'],
  ['$__timeInterval_ms(ts)', 'toStartOfInterval(toDateTime64(ts, 3), INTERVAL 20000 millisecond)'],
  ['$__interval_s', '20'],
  ['$__timeInterval(f(a, g(b)))', 'toStartOfInterval(toDateTime(f(a, g(b))), INTERVAL 20 second)'],
  [
    '$__timeInterval($__toTime)',
    'toStartOfInterval(toDateTime(toDateTime(1700000900)), INTERVAL 20 second)',
  ],
  [
    '($__timeFilter(a) OR $__interval_s > 1)',
    '(a >= toDateTime(1700000000) AND a <= toDateTime(1700000900) OR 20 > 1)',
  ],
  ['$__unknown(ts) $__constructor', '$__unknown(ts) $__constructor'],
  ['SELECT 1', 'SELECT 1'],
];

describe('the macros of a panel', () => {
  for (const [sql, expanded] of CASES) {
    it(`expands ${sql}`, () => assert.equal(expandMacros(sql, range), expanded));
  }

  it('never gives a step below one second', () => {
    assert.equal(expandMacros('$__interval_s', { ...range, intervalMs: 10 }), '1');
  });

  it('says what is wrong with a macro', () => {
    assert.throws(() => expandMacros('$__timeFilter()', range), /takes 1 arguments and got 0/);
    assert.throws(() => expandMacros('$__timeFilter(ts', range), /no closing parenthesis/);
  });
});
