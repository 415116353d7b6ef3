// One service: rate, errors and durations over time, and its routes with where their time goes.
import { IN_RANGE, IS_REQUEST, TRACE_HEX, variable } from './fragments.js';
import { HISTOGRAM, quantileMs } from './histogram.js';
import { AGGREGATES, COVERED_S, FILL, requestRollup } from './rollup.js';

const OF_SERVICE = `service = ${variable('service')}`;

/** One row: the numbers of the whole range. */
export const SERVICE_SUMMARY = `WITH ${HISTOGRAM}
SELECT requests / seen_s AS Rate, failed / requests AS Errors, ${quantileMs(0.5)} AS p50, ${quantileMs(0.95)} AS p95,
  ${quantileMs(0.99)} AS p99, longest / 1e6 AS Longest
FROM (
  SELECT ${AGGREGATES}, greatest(10, dateDiff('second', min(ts), $__toTime)) AS seen_s
  FROM ${requestRollup(OF_SERVICE)}
  HAVING count() > 0
)`;

/** Requests a second by time, and how many of them failed. */
export const SERVICE_RATE = `SELECT $__timeInterval(ts) AS time, sum(count) / ${COVERED_S} AS Requests,
  sum(errors) / ${COVERED_S} AS Errors
FROM ${requestRollup(OF_SERVICE)}
GROUP BY time
ORDER BY time ${FILL}`;

/** Percentiles of the duration of requests by time, in milliseconds. */
export const SERVICE_LATENCY = `WITH ${HISTOGRAM}
SELECT time, ${quantileMs(0.5)} AS p50, ${quantileMs(0.95)} AS p95, ${quantileMs(0.99)} AS p99
FROM (SELECT $__timeInterval(ts) AS time, ${AGGREGATES} FROM ${requestRollup(OF_SERVICE)} GROUP BY time)
ORDER BY time ${FILL}`;

/** By time: the mean request taken apart, in milliseconds; what has no name is other work and waiting. */
export const SERVICE_ANATOMY = `SELECT time, db AS Database, out AS "Outgoing HTTP", pool AS "Pool wait",
  blocked AS "Loop blocked", gc AS "Garbage collection", greatest(0, ms - db - out - pool - blocked - gc) AS Other
FROM (
  SELECT $__timeInterval(ts) AS time, sum(toFloat64(sample_weight)) AS n, sum(sample_weight * duration_ns) / n / 1e6 AS ms,
    sum(sample_weight * db_ms) / n AS db, sum(sample_weight * out_ms) / n AS out,
    sum(sample_weight * pool_wait_ms) / n AS pool, sum(sample_weight * loop_blocked_ms) / n AS blocked,
    sum(sample_weight * gc_ms) / n AS gc
  FROM venturi.spans
  WHERE ${IN_RANGE} AND ${OF_SERVICE} AND ${IS_REQUEST}
  GROUP BY time
)
ORDER BY time ${FILL}`;

/** One row a route: rate, durations, errors, and what its mean request paid, in milliseconds. */
export const SERVICE_ROUTES = `WITH
red AS (
  SELECT name, ${AGGREGATES}, greatest(10, dateDiff('second', min(ts), $__toTime)) AS seen_s
  FROM ${requestRollup(OF_SERVICE)}
  GROUP BY name
),
paid AS (
  SELECT name, sum(toFloat64(sample_weight)) AS n, sum(sample_weight * duration_ns) / n / 1e6 AS mean,
    sum(sample_weight * db_count) / n AS statements,
    sum(sample_weight * db_ms) / n AS db, sum(sample_weight * out_ms) / n AS out,
    sum(sample_weight * pool_wait_ms) / n AS pool, sum(sample_weight * loop_blocked_ms) / n AS blocked,
    sum(sample_weight * gc_ms) / n AS gc
  FROM venturi.spans
  WHERE ${IN_RANGE} AND ${OF_SERVICE} AND ${IS_REQUEST}
  GROUP BY name
),
${HISTOGRAM}
SELECT red.name AS Route, requests / seen_s AS Rate, failed / requests AS Errors, ${quantileMs(0.5)} AS p50,
  ${quantileMs(0.95)} AS p95, ${quantileMs(0.99)} AS p99, mean AS Mean, statements AS Statements,
  db AS Database, out AS Outgoing, pool AS "Pool wait", blocked AS Blocked, gc AS GC,
  greatest(0, mean - db - out - pool - blocked - gc) AS Other, total_ms / 1e3 AS "Total time"
FROM red LEFT JOIN paid ON red.name = paid.name
ORDER BY total_ms DESC
LIMIT 100`;

/** The slowest requests of the range, one a row, with their trace. */
export const SERVICE_SLOWEST = `SELECT ts AS Time, name AS Route, http_status AS Status, duration_ns / 1e6 AS Duration,
  db_ms AS Database, out_ms AS Outgoing, pool_wait_ms AS "Pool wait", loop_blocked_ms AS Blocked,
  ${TRACE_HEX} AS Trace
FROM venturi.spans
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND ${IS_REQUEST}
ORDER BY duration_ns DESC
LIMIT 20`;

/** The newest requests of the range, one a row, with their trace. */
export const SERVICE_LATEST = `SELECT ts AS Time, name AS Route, duration_ns / 1e6 AS Duration,
  ${TRACE_HEX} AS Trace
FROM venturi.spans
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND ${IS_REQUEST}
ORDER BY ts DESC
LIMIT 20`;
