// Rate, errors and durations out of the rollup whose step fits the time range of the page.
import { TENANT } from './fragments.js';

const COLUMNS = 'ts, service, kind, name, count, errors, dur_sum, dur_max, hist';

/** Rollups by the smallest step of the page, in seconds, that they are good for. */
const ROLLUPS = [
  { table: 'venturi.red_10s', fits: '$__interval_s < 60' },
  { table: 'venturi.red_1m', fits: '$__interval_s >= 60 AND $__interval_s < 3600' },
  { table: 'venturi.red_1h', fits: '$__interval_s >= 3600' },
];

/**
 * A subquery with the rollup rows of requests in the range. Only the fitting table is read: the other conditions are
 * constants that are false.
 */
export function requestRollup(where = '1'): string {
  const one = ({ table, fits }: { table: string; fits: string }) =>
    `SELECT ${COLUMNS} FROM ${table}
    WHERE ${fits} AND ${TENANT} AND $__timeFilter(ts) AND kind IN ('server', 'consumer') AND ${where}`;
  return `(
    ${ROLLUPS.map(one).join('\n    UNION ALL\n    ')}
  )`;
}

/** Aggregates that every reading of the rollup starts from; `h` and `longest` are what quantiles need. */
export const AGGREGATES = `sum(count) AS requests, sum(errors) AS failed, sum(dur_sum) / 1e6 AS total_ms,
    max(dur_max) AS longest, sumMap(hist) AS h`;

/**
 * Seconds of the bucket `time` that lie inside the range, at least one: the first and the last bucket are cut by it,
 * and a rate over their whole width would always fall towards now.
 */
export const COVERED_S = `greatest(1, least(toUnixTimestamp(time) + $__interval_s, toUnixTimestamp($__toTime))
    - greatest(toUnixTimestamp(time), toUnixTimestamp($__fromTime)))`;

/**
 * Goes after `time` in ORDER BY: puts a row into every step without one, up to the step that is not over yet. A rate
 * was zero there, a percentile unknown.
 */
export const FILL = `WITH FILL
  TO toDateTime(intDiv(toUnixTimestamp($__toTime), $__interval_s) * $__interval_s, 'UTC') STEP $__interval_s`;
