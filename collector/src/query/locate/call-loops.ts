// Claims about calls in a loop: another service asked the same thing many times in one request (n_plus_one).
import { type Claim, confidenceOf, percent, type Routes, weigh } from './claim.js';
import { CALL_SITE, IN_WINDOW, REQUESTS, withoutIdentifiers } from './fragments.js';
import { RULES } from './rules.js';

/**
 * By service, route and target: requests that call the same method and path of a host so often. `callee` is the
 * service behind it, where it sends spans too.
 */
export const CALL_LOOPS_SQL = `WITH ${REQUESTS},
loops AS (
  SELECT c.trace_id AS trace_id, c.span_prefix AS span_prefix, c.address AS address, c.target AS target,
    any(e.service) AS callee, any(e.route) AS callee_route, count() AS k, sum(c.ms) AS gross_ms,
    (max(c.end_ns) - min(c.start_ns)) / 1e6 AS envelope_ms, anyIf(c.site, c.site != '') AS site
  FROM (
    SELECT trace_id, span_prefix, span_seq, concat(server_address, ':', toString(server_port)) AS address,
      concat(http_method, ' ', address, ${withoutIdentifiers('path(url_full)')}) AS target, duration_ns / 1e6 AS ms,
      toUnixTimestamp64Nano(ts) AS start_ns, start_ns + duration_ns AS end_ns, ${CALL_SITE} AS site
    FROM venturi.spans
    WHERE ${IN_WINDOW} AND kind = 'client' AND db_system = '' AND http_method != ''
  ) AS c
  LEFT JOIN requests AS e
    ON c.trace_id = e.trace_id AND c.span_prefix = e.parent_prefix AND c.span_seq = e.parent_seq
  GROUP BY trace_id, span_prefix, address, target
  HAVING k >= ${RULES.nPlusOneCountMin}
),
costed AS (
  SELECT r.service AS service, r.route AS route, r.slow AS slow, l.trace_id AS trace_id, l.address AS address,
    l.target AS target, l.callee AS callee, l.callee_route AS callee_route, l.k AS k, l.site AS site,
    greatest(least(l.gross_ms, l.envelope_ms) - r.loop_blocked_ms, 0) * (l.k - 1) / l.k AS loop_ms
  FROM loops AS l INNER JOIN requests AS r ON l.trace_id = r.trace_id AND l.span_prefix = r.span_prefix
)
SELECT c.service AS service, c.route AS route, c.address AS address, c.target AS target,
  any(c.callee) AS callee, any(c.callee_route) AS calleeRoute,
  toFloat64(count()) AS affected, toFloat64(countIf(c.slow)) AS affectedSlow, sum(c.loop_ms) AS loopMs,
  sumIf(c.loop_ms, c.slow) AS slowLoopMs, toFloat64(quantile(0.5)(c.k)) AS count,
  anyIf(c.site, c.site != '') AS callSite, lower(hex(argMax(c.trace_id, c.loop_ms))) AS traceId
FROM costed AS c
GROUP BY c.service, c.route, c.address, c.target`;

export interface CallLoopRow {
  service: string;
  route: string;
  /** `host:port`. */
  address: string;
  /** Method, address and path, without identifiers. */
  target: string;
  callee: string;
  calleeRoute: string;
  affected: number;
  affectedSlow: number;
  loopMs: number;
  slowLoopMs: number;
  /** Calls in a request, usually. */
  count: number;
  callSite: string;
  traceId: string;
}

export interface CallLoopClaim extends Claim {
  address: string;
  callee: string;
  calleeRoute: string;
}

export function claimCallLoops(rows: CallLoopRow[], routes: Routes): CallLoopClaim[] {
  return rows.flatMap((row) => claimLoop(row, routes) ?? []);
}

function claimLoop(row: CallLoopRow, routes: Routes): CallLoopClaim | undefined {
  const route = routes.get(row.service, row.route);
  const weight =
    route &&
    weigh(route, {
      affected: row.affected,
      affectedSlow: row.affectedSlow,
      costMs: row.loopMs,
      slowCostMs: row.slowLoopMs,
    });
  if (route === undefined || weight === undefined) return undefined;
  if (weight.costMs < RULES.nPlusOneCostMsMin) return undefined;
  return {
    service: row.service,
    route: row.route,
    cause: 'n_plus_one',
    key: row.target,
    costMs: weight.costMs,
    share: weight.share,
    requests: route.requests,
    affected: row.affected,
    callSite: row.callSite,
    statement: row.target,
    traceId: row.traceId,
    confidence: confidenceOf(row.affected, weight.share),
    address: row.address,
    callee: row.callee,
    calleeRoute: row.calleeRoute,
    detail:
      `The same call is made ${Math.round(row.count)} times in a request ` +
      `and takes ${percent(weight.share)} of it.`,
  };
}
