// All services side by side, and the list that the service variable offers.
import { TENANT } from './fragments.js';
import { HISTOGRAM, quantileMs } from './histogram.js';
import { AGGREGATES, COVERED_S, FILL, requestRollup } from './rollup.js';

/** Services with requests in the range, the busiest first, then those that only sent metrics. */
export const SERVICE_NAMES = `SELECT service FROM (
  SELECT service, sum(dur_sum) AS busy FROM ${requestRollup()} GROUP BY service
  UNION ALL
  SELECT service, 0 AS busy FROM venturi.resources WHERE ${TENANT} AND day >= toDate($__fromTime) GROUP BY service
)
GROUP BY service ORDER BY max(busy) DESC, service LIMIT 500`;

/** The last value of two runtime gauges by process, the highest process of each service. */
const RUNTIME = `SELECT service, max(elu) AS elu, max(heap) AS heap FROM (
    SELECT service, resource_id, argMaxIf(value, ts, metric = 'nodejs.eventloop.utilization') AS elu,
      argMaxIf(value, ts, metric = 'venturi.memory.heap.used') AS heap
    FROM venturi.metric_points
    WHERE ${TENANT} AND metric IN ('nodejs.eventloop.utilization', 'venturi.memory.heap.used')
      AND $__timeFilter_ms(ts)
    GROUP BY service, resource_id
  ) GROUP BY service`;

/** One row a service; the rate is over the time since its first request in the range. */
export const SERVICES_TABLE = `WITH
red AS (
  SELECT service, ${AGGREGATES},
    greatest(10, dateDiff('second', min(ts), $__toTime)) AS seen_s
  FROM ${requestRollup()}
  GROUP BY service
),
runtime AS (${RUNTIME}),
${HISTOGRAM}
SELECT red.service AS Service, requests / seen_s AS Rate, failed / requests AS Errors,
  ${quantileMs(0.5)} AS p50, ${quantileMs(0.95)} AS p95, ${quantileMs(0.99)} AS p99,
  if(runtime.service = '', NULL, elu) AS "Loop utilization", if(runtime.service = '', NULL, heap) AS Heap,
  requests AS Requests, total_ms / 1e3 AS "Total time"
FROM red LEFT JOIN runtime ON red.service = runtime.service
ORDER BY total_ms DESC
LIMIT 500`;

/** Requests a second by time and service. */
export const SERVICES_RATE = `SELECT time, service, Value FROM (
  SELECT $__timeInterval(ts) AS time, service, sum(count) / ${COVERED_S} AS Value
  FROM ${requestRollup()}
  GROUP BY time, service
  ORDER BY service, time ${FILL}
)
ORDER BY time, service`;

/** 95th percentile of the duration of requests by time and service, in milliseconds. */
export const SERVICES_P95 = `WITH ${HISTOGRAM}
SELECT time, service, Value FROM (
  SELECT time, service, ${quantileMs(0.95)} AS Value
  FROM (
    SELECT $__timeInterval(ts) AS time, service, ${AGGREGATES} FROM ${requestRollup()} GROUP BY time, service
  )
  ORDER BY service, time ${FILL}
)
ORDER BY time, service`;
