// Claims about other services: a call that is slow, where nothing seen inside the callee explains it.
import { type Claim, confidenceOf, ms, percent, type Routes, weigh } from './claim.js';
import { CALL_SITE, IN_WINDOW, REQUESTS } from './fragments.js';
import { RULES } from './rules.js';
import { type SlowFrom, slownessOf } from './slowness.js';

/**
 * By service, route and callee: what the calls cost while the event loop was idle and they had a socket, and, where the callee is
 * instrumented too (its entry span's parent is the call), which part of its time it can account for itself.
 */
export const DOWNSTREAM_SQL = `WITH ${REQUESTS},
callees AS (
  SELECT trace_id, parent_prefix, parent_seq, service AS callee, route AS callee_route, ms,
    loop_blocked_ms + gc_ms + pool_wait_ms AS process_ms,
    greatest(ms - loop_busy_ms - db_ms - out_ms - pool_wait_ms, 0) AS unexplained_ms
  FROM requests
  WHERE parent_prefix != 0
),
calls AS (
  SELECT c.trace_id AS trace_id, c.span_prefix AS span_prefix, e.callee AS callee, e.callee_route AS callee_route,
    concat(c.server_address, ':', toString(c.server_port)) AS address,
    greatest(c.duration_ns / 1e6 - c.loop_busy_ms - c.attrs_num['venturi.socket_wait_ms'], 0) AS net_ms, c.duration_ns / 1e6 AS gross_ms,
    toUnixTimestamp64Nano(c.ts) AS start_ns, c.duration_ns AS duration_ns,
    e.unexplained_ms AS unexplained_ms, e.process_ms + greatest(c.duration_ns / 1e6 - e.ms, 0) AS process_ms,
    ${CALL_SITE.replaceAll('code_', 'c.code_')} AS site
  FROM (
    SELECT * FROM venturi.spans
    WHERE ${IN_WINDOW} AND kind = 'client' AND db_system = '' AND http_method != ''
  ) AS c
  LEFT JOIN callees AS e
    ON c.trace_id = e.trace_id AND c.span_prefix = e.parent_prefix AND c.span_seq = e.parent_seq
),
peers AS (
  SELECT c.trace_id AS trace_id, c.span_prefix AS span_prefix, c.callee AS callee, c.callee_route AS callee_route,
    if(c.callee = '', c.address, '') AS peer, count() AS k,
    least(sum(c.net_ms), (max(c.start_ns + c.duration_ns) - min(c.start_ns)) / 1e6) AS net_ms,
    max(c.net_ms) AS longest_ms, sum(c.unexplained_ms) AS unexplained_ms, sum(c.process_ms) AS process_ms,
    sum(c.gross_ms) AS gross_ms, anyIf(c.site, c.site != '') AS site
  FROM calls AS c
  GROUP BY trace_id, span_prefix, callee, callee_route, peer
)
SELECT r.service AS service, r.route AS route, p.callee AS callee, p.callee_route AS calleeRoute, p.peer AS peer,
  toFloat64(count()) AS affected, toFloat64(countIf(r.slow)) AS affectedSlow,
  sum(p.net_ms) AS netMs, sumIf(p.net_ms, r.slow) AS slowNetMs,
  quantile(0.5)(p.net_ms / p.k) AS oneMs, quantileIf(0.5)(p.longest_ms, r.slow) AS slowOneMs,
  sum(p.unexplained_ms) / greatest(sum(p.gross_ms), 1e-9) AS unexplained,
  sum(p.process_ms) / greatest(sum(p.gross_ms), 1e-9) AS process,
  anyIf(p.site, p.site != '') AS callSite, lower(hex(argMax(p.trace_id, p.net_ms))) AS traceId
FROM peers AS p INNER JOIN requests AS r ON p.trace_id = r.trace_id AND p.span_prefix = r.span_prefix
GROUP BY r.service, r.route, p.callee, p.callee_route, p.peer`;

export interface DownstreamRow {
  service: string;
  route: string;
  /** Service and route of an instrumented callee, else empty. */
  callee: string;
  calleeRoute: string;
  /** Address of a callee that sends us no spans, else empty. */
  peer: string;
  affected: number;
  affectedSlow: number;
  netMs: number;
  slowNetMs: number;
  oneMs: number;
  slowOneMs: number;
  /** Part of the calls' time in which an instrumented callee did nothing that it records. */
  unexplained: number;
  /** Part that the callee lost to its event loop, collector or pool, or before it accepted the request. */
  process: number;
  callSite: string;
  traceId: string;
}

export interface DownstreamClaim extends Claim {
  /** Address of a callee that sends no spans, else empty. */
  peer: string;
  callee: string;
  calleeRoute: string;
  process: number;
}

const SLOW_FROM: SlowFrom = {
  msMin: RULES.slowDownstreamMsMin,
  tailMsMin: RULES.slowDownstreamTailMsMin,
  standoutMsMin: RULES.slowDownstreamStandoutMsMin,
};

export function claimDownstream(rows: DownstreamRow[], routes: Routes): DownstreamClaim[] {
  return rows.flatMap((row) => claimPeer(row, routes, rows) ?? []);
}

function claimPeer(
  row: DownstreamRow,
  routes: Routes,
  all: DownstreamRow[],
): DownstreamClaim | undefined {
  const route = routes.get(row.service, row.route);
  const weight =
    route &&
    weigh(route, {
      affected: row.affected,
      affectedSlow: row.affectedSlow,
      costMs: row.netMs,
      slowCostMs: row.slowNetMs,
    });
  if (route === undefined || weight === undefined) return undefined;
  if (row.callee !== '' && row.unexplained < RULES.calleeUnexplainedMin) return undefined;
  const slow = slownessOf(row, weight, { from: SLOW_FROM, othersMs: usualMsOfOthers(row, all) });
  if (slow === undefined) return undefined;

  const name = row.callee === '' ? row.peer : `${row.callee} ${row.calleeRoute}`;
  return {
    service: row.service,
    route: row.route,
    cause: 'slow_downstream',
    key: name,
    costMs: weight.costMs,
    share: weight.share,
    requests: route.requests,
    affected: row.affected,
    callSite: row.callSite,
    statement: name,
    traceId: row.traceId,
    confidence: confidenceOf(row.affected, weight.share),
    peer: row.peer,
    callee: row.callee,
    calleeRoute: row.calleeRoute,
    process: row.process,
    detail:
      `A call to ${name} takes ${ms(slow.ms)}${slow.compared}; ` +
      (row.callee === ''
        ? 'it sends no spans, so its inside is not seen.'
        : `${percent(row.unexplained)} of it is without any recorded work there.`),
  };
}

/** How long calls to others usually take, whoever makes them. */
function usualMsOfOthers(row: DownstreamRow, all: DownstreamRow[]): number[] {
  const target = targetOf(row);
  return all.filter((other) => targetOf(other) !== target).map((other) => other.oneMs);
}

function targetOf({ callee, calleeRoute, peer }: DownstreamRow): string {
  return `${callee}\n${calleeRoute}\n${peer}`;
}
