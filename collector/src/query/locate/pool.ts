// Claims about connection pools: requests that queued for a connection, blamed on the route that held them.
import {
  type Claim,
  confidenceOf,
  groupBy,
  ms,
  percent,
  type Route,
  type Routes,
  type Weight,
  weigh,
} from './claim.js';
import { CALL_SITE, IN_WINDOW, REQUESTS } from './fragments.js';
import { RULES } from './rules.js';

/** By service, pool and route: the time queued for a connection while the event loop was idle. */
export const POOL_SQL = `WITH ${REQUESTS},
waits AS (
  SELECT trace_id, span_prefix, attrs['db.client.connection.pool.name'] AS pool, count() AS k,
    sum(greatest(if(pool_wait_ms > 0, pool_wait_ms, duration_ns / 1e6) - loop_busy_ms, 0)) AS sum_ms,
    (max(toUnixTimestamp64Nano(ts) + duration_ns) - min(toUnixTimestamp64Nano(ts))) / 1e6 AS envelope_ms,
    max(attrs_num['venturi.pool.size']) AS size,
    anyIf(${CALL_SITE}, code_file != '') AS site
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND attrs['venturi.pool.outcome'] IN ('queued', 'timeout')
  GROUP BY trace_id, span_prefix, pool
),
costed AS (
  SELECT r.service AS service, r.route AS route, r.slow AS slow, w.pool AS pool, w.k AS k, w.size AS size, w.site AS site,
    w.trace_id AS trace_id, least(w.sum_ms, w.envelope_ms) AS wait_ms
  FROM waits AS w INNER JOIN requests AS r ON w.trace_id = r.trace_id AND w.span_prefix = r.span_prefix
)
SELECT c.service AS service, c.pool AS pool, c.route AS route, toFloat64(count()) AS affected,
  toFloat64(countIf(c.slow)) AS affectedSlow, sum(c.wait_ms) AS waitMs, sumIf(c.wait_ms, c.slow) AS slowWaitMs,
  toFloat64(quantile(0.5)(c.k)) AS waits, max(c.size) AS size, anyIf(c.site, c.site != '') AS callSite,
  lower(hex(argMax(c.trace_id, c.wait_ms))) AS traceId
FROM costed AS c
GROUP BY c.service, c.pool, c.route`;

export interface PoolRow {
  service: string;
  pool: string;
  route: string;
  affected: number;
  affectedSlow: number;
  waitMs: number;
  slowWaitMs: number;
  waits: number;
  size: number;
  callSite: string;
  traceId: string;
}

export interface PoolClaim extends Claim {
  /** Queued connects in a request that queued at all. */
  waits: number;
  /** Part of the time that this route's connections were held outside statements. */
  heldIdle: number;
}

/**
 * One claim a pool. Every route that uses an exhausted pool waits; the one to look at is the one that keeps the
 * connections, above all when it keeps them without running statements. That one may hardly wait itself.
 */
export function claimPools(rows: PoolRow[], routes: Routes): PoolClaim[] {
  const pools = groupBy(rows, (row) => `${row.service}\n${row.pool}`);
  return [...pools.values()].flatMap((waiting) => claimPool(waiting, routes) ?? []);
}

interface Hurt {
  row: PoolRow;
  route: Route;
  weight: Weight;
}

function claimPool(waiting: PoolRow[], routes: Routes): PoolClaim | undefined {
  const hurt = waiting.flatMap((row): Hurt[] => {
    const route = routes.get(row.service, row.route);
    const weight = route && weighWait(row, route);
    return route && weight ? [{ row, route, weight }] : [];
  });
  const worst = hurt.sort((a, b) => b.weight.share - a.weight.share)[0];
  if (worst === undefined) return undefined;
  const holder = holderAmong(routes.ofService(worst.row.service)) ?? worst.route;
  // What it costs is told by the holder's own requests where they wait too, else by those that wait most.
  const { row, route, weight } = hurt.find((one) => one.route === holder) ?? worst;
  const heldIdle = holder.poolHoldMs > 0 ? outsideStatementsMs(holder) / holder.poolHoldMs : 0;
  return {
    service: row.service,
    route: holder.route,
    cause: 'pool_wait',
    key: row.pool,
    costMs: weight.costMs,
    share: weight.share,
    requests: route.requests,
    affected: row.affected,
    callSite: row.callSite,
    statement: '',
    traceId: row.traceId,
    confidence: confidenceOf(row.affected, weight.share),
    waits: row.waits,
    heldIdle,
    detail: detailOf({ row, route, weight }, { holder, heldIdle, others: hurt.length - 1 }),
  };
}

function detailOf(
  { row, route }: Hurt,
  held: { holder: Route; heldIdle: number; others: number },
): string {
  const who = route === held.holder ? 'Requests' : `Requests of ${route.route}`;
  const idle =
    held.heldIdle < RULES.heldOutsideStatementsMin
      ? ''
      : `, whose connections this route holds ${percent(held.heldIdle)} of the time without running a statement`;
  const wait = `${who} queue ${ms(row.waitMs / row.affected)} for a connection of a pool of ${row.size}`;
  return `${wait}${idle}.${othersWait(held.others)}`;
}

/** Holding without running a statement weighs most; among equals, the longest holder. */
function holderAmong(routes: Route[]): Route | undefined {
  const score = (route: Route) => outsideStatementsMs(route) * 2 + route.poolHoldMs;
  return routes
    .filter((route) => route.poolHoldMs > 0)
    .reduce<Route | undefined>((a, b) => (a && score(a) >= score(b) ? a : b), undefined);
}

function othersWait(routes: number): string {
  if (routes === 0) return '';
  return routes === 1 ? ' One more route waits for it.' : ` ${routes} more routes wait for it.`;
}

function weighWait(row: PoolRow, route: Route) {
  const weight = weigh(route, {
    affected: row.affected,
    affectedSlow: row.affectedSlow,
    costMs: row.waitMs,
    slowCostMs: row.slowWaitMs,
  });
  return weight && weight.costMs >= RULES.poolWaitMsMin ? weight : undefined;
}

function outsideStatementsMs(route: Route): number {
  return Math.max(0, route.poolHoldMs - route.dbMs);
}
