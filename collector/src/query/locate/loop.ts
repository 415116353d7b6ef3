// Claims about the event loop: a function that blocked it, on the route that ran it.
import {
  type Claim,
  confidenceOf,
  groupBy,
  ms,
  NO_REQUEST,
  type Route,
  type Routes,
  sum,
  weigh,
} from './claim.js';
import { IN_WINDOW, REQUESTS } from './fragments.js';
import { RULES } from './rules.js';

/**
 * By service, route, kind and function: stalls of the event loop, and the waiting of the requests in flight. What a
 * process does without a request before its first one is its start.
 */
export const STALLS_SQL = `WITH ${REQUESTS},
starts AS (
  SELECT resource_id, min(ts) AS first_request, dateDiff('millisecond', first_request, max(ts)) AS served_ms
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND is_entry AND http_method != ''
  GROUP BY resource_id
),
stalls AS (
  SELECT service, resource_id, ts, toUnixTimestamp64Nano(ts) / 1e6 AS start_ms,
    start_ms - lagInFrame(start_ms + duration_ns / 1e6, 1, 0) OVER (PARTITION BY resource_id ORDER BY ts) AS rest_ms, trace_id, span_prefix, if(http_route = '', '', concat(http_method, ' ', http_route)) AS known_route,
    duration_ns / 1e6 AS ms, least(gc_ms, duration_ns / 1e6) AS gc, attrs_num['venturi.stall.victim_ms'] AS victim_ms,
    if(attrs['venturi.stall.kind'] = 'gc' OR gc_ms > ${RULES.stallGcShareMax} * duration_ns / 1e6, 'gc', 'js') AS stall_kind,
    code_function AS fn, code_file AS file, code_line AS line
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND kind = 'internal' AND name = 'event loop blocked'
)
SELECT s.service AS service, if(r.route = '', s.known_route, r.route) AS route, s.stall_kind AS kind, s.fn AS fn,
  s.file AS file, toUInt32(topK(1)(s.line)[1]) AS line, toFloat64(count()) AS stalls,
  toFloat64(count() - uniqExact(s.resource_id)) AS again, toFloat64(countIf(s.rest_ms > ${RULES.episodeRestMsMin})) AS episodes,
  (max(s.start_ms) - min(s.start_ms)) / greatest(max(b.served_ms), 1) AS lasting,
  toFloat64(uniqExact(s.trace_id, s.span_prefix)) AS affected, sum(s.ms) AS ms, sum(s.gc) AS gcMs,
  sum(s.victim_ms) AS victimMs, lower(hex(argMax(s.trace_id, s.ms))) AS traceId
FROM stalls AS s
  LEFT JOIN requests AS r ON s.trace_id = r.trace_id AND s.span_prefix = r.span_prefix
  LEFT JOIN starts AS b ON s.resource_id = b.resource_id
WHERE r.route != '' OR s.known_route != '' OR s.ts >= b.first_request
GROUP BY s.service, route, s.stall_kind, s.fn, s.file`;

export interface StallRow {
  service: string;
  route: string;
  kind: 'js' | 'gc';
  fn: string;
  file: string;
  line: number;
  stalls: number;
  /** Stalls beyond the first of each process: what a process does once is lazy, not slow. */
  again: number;
  /** Stalls that came after a rest: work in one go, such as a start, is one however it is cut up. */
  episodes: number;
  /** From the first stall to the last, as a part of the time in which the process answered requests. */
  lasting: number;
  affected: number;
  ms: number;
  /** Of `ms`, the part that was garbage collection. */
  gcMs: number;
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
  // A short stall may have been looked into too late to be named; one that was named says more.
  const named = stalls.filter((row) => row.file !== '');
  const worst = (named.length > 0 ? named : stalls).reduce((a, b) => (b.ms > a.ms ? b : a));
  const count = sum(stalls, (row) => row.stalls);
  const blockedMs = sum(stalls, (row) => row.ms - row.gcMs);
  const victimMs = sum(stalls, (row) => row.victimMs);
  const affected = sum(stalls, (row) => row.affected);
  if (sum(stalls, (row) => row.again) < RULES.stallsMin - 1) return undefined;
  if (worst.route === '' && !isLasting(stalls)) return undefined;

  const route = routes.get(worst.service, worst.route);
  const own =
    route &&
    weigh(route, {
      affected: Math.max(affected, count),
      affectedSlow: Math.min(affected, route.slowRequests),
      costMs: blockedMs,
      slowCostMs: Math.min(blockedMs, route.slowMs),
    });
  const everyone = {
    requests: sum(routes.ofService(worst.service), (r) => r.requests),
    ms: sum(routes.ofService(worst.service), (r) => r.ms),
  };
  const victimShare = everyone.ms > 0 ? (blockedMs + victimMs) / everyone.ms : 0;
  if (own === undefined && victimShare < RULES.shareMin) return undefined;

  const site = siteOf(worst);
  const share = own?.share ?? Math.min(1, victimShare);
  return {
    service: worst.service,
    route: worst.route || NO_REQUEST,
    cause: 'loop_blocked',
    key: site,
    costMs: own?.costMs ?? (blockedMs + victimMs) / everyone.requests,
    share,
    requests: own === undefined ? everyone.requests : (route as Route).requests,
    affected: count,
    callSite: site,
    statement: '',
    traceId: worst.traceId,
    confidence: confidenceOf(count, share),
    detail:
      `Blocked the event loop ${count} times, ${ms(blockedMs / count)} each` +
      `${othersWaited(victimMs / count)}.`,
  };
}

/** Work outside of requests that comes again, or goes on and on; what a program does once when it starts does not. */
function isLasting(stalls: StallRow[]): boolean {
  const episodes = sum(stalls, (row) => row.episodes);
  return episodes >= RULES.stallsMin || stalls.some((row) => row.lasting >= RULES.lastingMin);
}

/** Nothing is said where nobody was seen to wait: who came meanwhile was not seen either. */
function othersWaited(meanMs: number): string {
  return meanMs < 1 ? '' : `; other requests in flight waited ${ms(meanMs)} each time`;
}

/** `function (file:line)` of the code that a stall was caught in, empty where it was not caught. */
export function siteOf(row: StallRow | undefined): string {
  if (row === undefined || row.file === '') return '';
  return `${row.fn || '<anonymous>'} (${row.file}:${row.line})`;
}
