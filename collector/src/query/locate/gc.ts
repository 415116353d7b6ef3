// Claims about garbage collection: a process that collects more than upkeep, on the route that allocates.
import { allocatorAmong } from './allocator.js';
import {
  type Claim,
  type Cost,
  confidenceOf,
  percent,
  type Route,
  type Routes,
  sum,
  type Weight,
  weigh,
} from './claim.js';
import { IN_WINDOW, REQUESTS } from './fragments.js';
import { type StallRow, siteOf } from './loop.js';
import { RULES } from './rules.js';

/** By service: the time its processes spent collecting, as they report it themselves. */
export const COLLECTIONS_SQL = `SELECT service, sum(m.sum) * 1000 AS ms,
  sumIf(m.sum, attrs['v8js.gc.type'] IN ('major', 'incremental')) * 1000 AS majorMs,
  toFloat64(uniqExact(m.resource_id)) AS processes
FROM venturi.metric_histograms AS m
WHERE ${IN_WINDOW} AND metric = 'v8js.gc.duration' AND temporality = 'delta'
GROUP BY service`;

export interface CollectionsRow {
  service: string;
  ms: number;
  /** Of `ms`, the part that was marking and compacting: what a full heap costs, and litter does not. */
  majorMs: number;
  processes: number;
}

/** By service and route: requests that paid for a collection. */
export const PAID_SQL = `WITH ${REQUESTS}
SELECT r.service AS service, r.route AS route, toFloat64(countIf(r.gc_ms > 0)) AS affected,
  toFloat64(countIf(r.gc_ms > 0 AND r.slow)) AS affectedSlow, sum(r.heap_growth_bytes) AS heapGrowthBytes,
  lower(hex(argMax(r.trace_id, r.gc_ms))) AS traceId
FROM requests AS r
GROUP BY r.service, r.route`;

export interface PaidRow {
  service: string;
  route: string;
  affected: number;
  affectedSlow: number;
  /** By how much the heap grew while they ran, in sum and whoever made it grow. */
  heapGrowthBytes: number;
  /** The request that paid most. */
  traceId: string;
}

export interface GcEvidence {
  stalls: StallRow[];
  collections: CollectionsRow[];
  paid: PaidRow[];
  /** Length of the window. */
  spanMs: number;
}

/**
 * One claim a service, since a collection stops every request. The route is the one whose code was allocating
 * when the long pauses came; where they were not caught at work, the one while which the heap grows; else the one that
 * paid most. V8 also collects between requests: then those that come meanwhile wait, and no request shows it, so the
 * service as a whole is looked at.
 */
export function claimGc(evidence: GcEvidence, routes: Routes): Claim[] {
  const services = new Set(routes.all.map((route) => route.service));
  return [...services].flatMap((service) => claimService(service, evidence, routes) ?? []);
}

function claimService(service: string, evidence: GcEvidence, routes: Routes): Claim | undefined {
  const stalls = evidence.stalls.filter((row) => row.service === service);
  const reported = evidence.collections.find((row) => row.service === service);
  const stalledMs = sum(stalls, (row) => row.gcMs);
  const collectedMs = Math.max(reported?.ms ?? 0, stalledMs);
  const lifeMs = evidence.spanMs * Math.max(1, reported?.processes ?? 1);
  const ofProcess = collectedMs / lifeMs;
  if (ofProcess < RULES.gcProcessShareMin) return undefined;
  const litterMs = sum(
    stalls.filter((row) => row.kind === 'js'),
    (row) => row.gcMs,
  );
  if (litterMs > collectedMs * RULES.gcInsideStallsMax) return undefined;

  const pauses = stalls.filter((row) => row.kind === 'gc');
  const allocator = allocatorAmong(routes.ofService(service), {
    pauses,
    growth: evidence.paid,
  });
  if (allocator === undefined) return undefined;
  const { route } = allocator;
  const paid = evidence.paid.find((row) => row.service === service && row.route === route.route);
  const weight =
    weigh(route, costOf(route, paid)) ??
    weighService(routes.ofService(service), { majorMs: reported?.majorMs ?? 0, lifeMs });
  if (weight === undefined) return undefined;
  const worst = pauses
    .filter((row) => row.route === route.route)
    .reduce<StallRow | undefined>((a, b) => (a && a.ms > b.ms ? a : b), undefined);
  return {
    service,
    route: route.route,
    cause: 'gc',
    key: service,
    costMs: weight.costMs,
    share: weight.share,
    requests: route.requests,
    affected: route.requests,
    callSite: siteOf(worst),
    statement: '',
    traceId: worst?.traceId ?? paid?.traceId ?? '',
    confidence: confidenceOf(route.requests, weight.share),
    detail: `Garbage collection stopped the process ${percent(ofProcess)} of the time${allocator.why}.`,
  };
}

/** Major collections against the time of all requests, where they take a good part of the processes' life too. */
function weighService(
  routes: Route[],
  { majorMs, lifeMs }: { majorMs: number; lifeMs: number },
): Weight | undefined {
  const requests = sum(routes, (route) => route.requests);
  const share = majorMs / sum(routes, (route) => route.ms);
  if (requests < RULES.affectedRequestsMin || share < RULES.shareMin) return undefined;
  if (majorMs < RULES.gcProcessShareMin * lifeMs) return undefined;
  return { costMs: majorMs / requests, share: Math.min(1, share), tail: false };
}

function costOf(route: Route, paid: PaidRow | undefined): Cost {
  return {
    affected: paid?.affected ?? 0,
    affectedSlow: paid?.affectedSlow ?? 0,
    costMs: route.gcMs,
    slowCostMs: route.slowGcMs,
  };
}
