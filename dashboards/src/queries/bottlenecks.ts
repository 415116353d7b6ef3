// What the locator found: its latest run that saw requests, and its findings over time.
import { TENANT } from './fragments.js';

/** The latest run that examined requests; one that saw none says nothing about a bottleneck. */
const LATEST = `(
    SELECT argMax(ts, (requests > 0, ts)) FROM venturi.bottleneck_runs WHERE ${TENANT} AND $__timeFilter_ms(ts)
  )`;

const CAUSE_TEXT = `transform(cause,
    ['n_plus_one', 'pool_wait', 'loop_blocked', 'slow_statement', 'slow_downstream', 'gc'],
    ['N+1 queries', 'Waiting for a pool', 'Event loop blocked', 'Slow statement', 'Slow downstream', 'Garbage collection'],
    cause)`;

/** One row: the worst finding in words, or that there is none; no row where no request was examined. */
export const BOTTLENECK_HEADLINE = `WITH
  run AS (SELECT requests, found FROM venturi.bottleneck_runs WHERE ${TENANT} AND ts = ${LATEST} AND requests > 0 LIMIT 1),
  worst AS (
    SELECT ${CAUSE_TEXT} AS cause_text, service, route, cost_ms, share
    FROM venturi.bottlenecks WHERE ${TENANT} AND ts = ${LATEST} ORDER BY rank LIMIT 1
  )
SELECT if((SELECT count() FROM worst) > 0,
  (SELECT concat(cause_text, ' in ', route, ' of ', service, ' costs ',
    if(cost_ms < 10, toString(round(cost_ms, 1)), toString(round(cost_ms))), ' ms a request (',
    toString(round(share * 100)), ' %)') FROM worst),
  concat('No bottleneck found in ', toString(requests), ' requests')) AS headline
FROM run`;

/** One row: requests that the latest run examined, and the window that they ended in. */
export const BOTTLENECK_REQUESTS = `SELECT requests AS Requests, window_from AS From, window_to AS To
FROM venturi.bottleneck_runs
WHERE ${TENANT} AND ts = ${LATEST} LIMIT 1`;

/** One row: the evidence for the worst finding, and the code to look at. */
export const BOTTLENECK_EVIDENCE = `SELECT concat(detail, if(call_site = '', '', concat(' Look at ', call_site, '.'))) AS evidence
FROM venturi.bottlenecks
WHERE ${TENANT} AND ts = ${LATEST} ORDER BY rank LIMIT 1`;

/** The findings of the latest run, the costliest first. */
export const BOTTLENECK_FINDINGS = `SELECT rank AS "#", service AS Service, route AS Route, cause AS Cause,
  cost_ms AS "Cost per request", share AS Share, total_ms AS "Total time", call_site AS "Call site",
  statement AS Statement, confidence AS Confidence, trace_id AS Trace
FROM venturi.bottlenecks
WHERE ${TENANT} AND ts = ${LATEST}
ORDER BY rank
LIMIT 50`;

/** By time and finding: milliseconds that a request loses to it. */
export const BOTTLENECK_TIMELINE = `SELECT $__timeInterval(ts) AS time,
  concat(route, ' · ', ${CAUSE_TEXT}) AS finding, max(cost_ms) AS Value
FROM venturi.bottlenecks
WHERE ${TENANT} AND $__timeFilter_ms(ts) AND rank <= 8
GROUP BY time, finding
ORDER BY time, finding`;
