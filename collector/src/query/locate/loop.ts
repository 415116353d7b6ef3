// Claims about the event loop: a function that blocked it, on the route that ran it; and pauses of the collector.
import { type Claim, confidenceOf, groupBy, ms, percent, type Routes, weigh } from './claim.js';
import { IN_WINDOW, REQUESTS } from './fragments.js';
import { RULES } from './rules.js';

/** By service, route, kind and function: stalls of the event loop, and the waiting of the requests in flight. */
export const STALLS_SQL = `WITH ${REQUESTS},
stalls AS (
  SELECT service, trace_id, span_prefix, if(http_route = '', '', concat(http_method, ' ', http_route)) AS known_route,
    duration_ns / 1e6 AS ms, least(gc_ms, duration_ns / 1e6) AS gc, attrs_num['venturi.stall.victim_ms'] AS victim_ms,
    if(attrs['venturi.stall.kind'] = 'gc' OR gc_ms > ${RULES.stallGcShareMax} * duration_ns / 1e6, 'gc', 'js') AS stall_kind,
    code_function AS fn, code_file AS file, code_line AS line
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND kind = 'internal' AND name = 'event loop blocked'
)
SELECT s.service AS service, if(r.route = '', s.known_route, r.route) AS route, s.stall_kind AS kind, s.fn AS fn,
  s.file AS file, toUInt32(topK(1)(s.line)[1]) AS line, toFloat64(count()) AS stalls,
  toFloat64(uniqExact(s.trace_id, s.span_prefix)) AS affected, sum(s.ms) AS ms, sum(s.ms - s.gc) AS ownMs,
  sum(s.victim_ms) AS victimMs, lower(hex(argMax(s.trace_id, s.ms))) AS traceId
FROM stalls AS s LEFT JOIN requests AS r ON s.trace_id = r.trace_id AND s.span_prefix = r.span_prefix
GROUP BY s.service, route, s.stall_kind, s.fn, s.file`;

export interface StallRow {
  service: string;
  route: string;
  kind: 'js' | 'gc';
  fn: string;
  file: string;
  line: number;
  stalls: number;
  affected: number;
  ms: number;
  ownMs: number;
  victimMs: number;
  traceId: string;
}

/**
 * One claim a route: the function that blocked longest speaks for it. A route counts as blocked when the stalls
 * that it ran take a good part of its own requests, or of the time of everyone in the service.
 */
export function claimLoop(rows: StallRow[], routes: Routes): Claim[] {
  const blocked = rows.filter((row) => row.kind === 'js');
  const byRoute = groupBy(blocked, (row) => `${row.service}\n${row.route}`);
  return [...byRoute.values()].flatMap((stalls) => claimRoute(stalls, routes) ?? []);
}

function claimRoute(stalls: StallRow[], routes: Routes): Claim | undefined {
  const worst = stalls.reduce((a, b) => (b.ms > a.ms ? b : a));
  const count = sum(stalls, (row) => row.stalls);
  const blockedMs = sum(stalls, (row) => row.ownMs);
  const victimMs = sum(stalls, (row) => row.victimMs);
  const affected = sum(stalls, (row) => row.affected);
  if (count < RULES.stallsMin) return undefined;

  const route = routes.get(worst.service, worst.route);
  const own =
    route &&
    weigh(route, {
      affected: Math.max(affected, count),
      affectedSlow: Math.min(affected, route.slowRequests),
      costMs: blockedMs,
      slowCostMs: Math.min(blockedMs, route.slowMs),
    });
  const ofService = sum(routes.ofService(worst.service), (r) => r.ms);
  const victimShare = ofService > 0 ? (blockedMs + victimMs) / ofService : 0;
  if (own === undefined && victimShare < RULES.shareMin) return undefined;

  const site =
    worst.file === '' ? '' : `${worst.fn || '<anonymous>'} (${worst.file}:${worst.line})`;
  const share = own?.share ?? Math.min(1, victimShare);
  return {
    service: worst.service,
    route: worst.route || '(no request)',
    cause: 'loop_blocked',
    key: site,
    costMs: own?.costMs ?? (blockedMs + victimMs) / count,
    share,
    requests: route?.requests ?? 0,
    affected: count,
    callSite: site,
    statement: '',
    traceId: worst.traceId,
    confidence: confidenceOf(count, share),
    detail:
      `Blocked the event loop ${count} times, ${ms(blockedMs / count)} each; ` +
      `other requests in flight waited ${ms(victimMs / count)} each time.`,
  };
}

/**
 * One claim a service: garbage collection stops every request, so the route is the one whose code was allocating
 * when the long pauses came, or, where no pause was long enough to be seen at work, the one that paid most.
 */
export function claimGc(rows: StallRow[], routes: Routes, window: { spanMs: number }): Claim[] {
  const services = new Set(routes.all.map((route) => route.service));
  return [...services].flatMap(
    (service) => claimServiceGc(service, rows, { routes, ...window }) ?? [],
  );
}

function claimServiceGc(
  service: string,
  rows: StallRow[],
  seen: { routes: Routes; spanMs: number },
): Claim | undefined {
  const routes = seen.routes.ofService(service);
  const stalls = rows.filter((row) => row.service === service && row.kind === 'gc');
  const stallMs = sum(stalls, (row) => row.ms);
  const paidMs = sum(routes, (route) => route.gcMs);
  const totalMs = sum(routes, (route) => route.ms);
  const ofWindow = stallMs / seen.spanMs;
  const ofRequests = totalMs > 0 ? paidMs / totalMs : 0;
  if (ofWindow < RULES.gcWindowShareMin && ofRequests < RULES.shareMin) return undefined;

  const allocating = stalls
    .filter((row) => seen.routes.get(service, row.route) !== undefined)
    .reduce((byRoute, row) => {
      byRoute.set(row.route, (byRoute.get(row.route) ?? 0) + row.stalls);
      return byRoute;
    }, new Map<string, number>());
  const blamed =
    [...allocating].sort((a, b) => b[1] - a[1])[0]?.[0] ??
    [...routes].sort((a, b) => b.gcMs - a.gcMs)[0]?.route;
  const route = blamed === undefined ? undefined : seen.routes.get(service, blamed);
  const worst = stalls.filter((row) => row.route === blamed).sort((a, b) => b.ms - a.ms)[0];
  if (route === undefined || route.requests < RULES.affectedRequestsMin) return undefined;
  const share = route.ms > 0 ? Math.min(1, route.gcMs / route.ms) : 0;
  if (share < RULES.shareMin) return undefined;

  const site =
    worst === undefined || worst.file === ''
      ? ''
      : `${worst.fn || '<anonymous>'} (${worst.file}:${worst.line})`;
  return {
    service,
    route: route.route,
    cause: 'gc',
    key: service,
    costMs: route.gcMs / route.requests,
    share,
    requests: route.requests,
    affected: route.requests,
    callSite: site,
    statement: '',
    traceId: worst?.traceId ?? '',
    confidence: confidenceOf(route.requests, share),
    detail:
      `Garbage collection took ${percent(ofRequests)} of all request time` +
      `${worst === undefined ? '' : `; its long pauses came while this route was allocating`}.`,
  };
}

function sum<Row>(rows: Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
