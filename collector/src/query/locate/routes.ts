// The routes in the window, with what their requests paid in total.
import { REQUESTS } from './fragments.js';

// Columns are qualified with r. throughout: in ClickHouse an output alias shadows the column of that name.
export const ROUTES_SQL = `WITH ${REQUESTS}
SELECT r.service AS service, r.route AS route, toFloat64(count()) AS requests, sum(r.ms) AS ms,
  toFloat64(countIf(r.slow)) AS slowRequests, sumIf(r.ms, r.slow) AS slowMs, quantile(0.95)(r.ms) AS p95Ms,
  sum(r.loop_blocked_ms) AS loopBlockedMs, sumIf(r.loop_blocked_ms, r.slow) AS slowLoopBlockedMs,
  sum(r.gc_ms) AS gcMs, sumIf(r.gc_ms, r.slow) AS slowGcMs
FROM requests AS r
GROUP BY r.service, r.route`;
