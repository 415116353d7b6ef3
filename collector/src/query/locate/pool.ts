// Claims about connection pools: requests that queued for a connection, blamed on the route that held them.
import {
  type Claim,
  confidenceOf,
  groupBy,
  ms,
  NO_REQUEST,
  percent,
  type Route,
  type Routes,
  type Weight,
  weigh,
} from './claim.js';
import { CALL_SITE, IN_WINDOW, REQUESTS, withoutIdentifiers } from './fragments.js';
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

/** By service and pool: who held the connections while others queued, as each wait found it. */
export const KEEPERS_SQL = `WITH waits AS (
  SELECT service, attrs['db.client.connection.pool.name'] AS pool, ${withoutIdentifiers("attrs['venturi.pool.holder']")} AS keeper,
    greatest(pool_wait_ms - loop_busy_ms, 0) AS ms, attrs_num['venturi.pool.holder_idle'] AS idle
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND attrs['venturi.pool.holder'] != ''
)
SELECT w.service AS service, w.pool AS pool, w.keeper AS keeper, sum(w.ms) AS ms,
  sum(w.idle * w.ms) / greatest(sum(w.ms), 1e-9) AS idle
FROM waits AS w
GROUP BY w.service, w.pool, w.keeper`;

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

export interface KeeperRow {
  service: string;
  pool: string;
  /** Method and route, or `(no request)`. */
  keeper: string;
  /** Time that others queued while it held connections. */
  ms: number;
  /** Part of its holding time (0 to 1) in which it ran no statement. */
  idle: number;
}

export interface PoolEvidence {
  waits: PoolRow[];
  keepers: KeeperRow[];
}

export interface PoolClaim extends Claim {
  /** Queued connects in a request that queued at all. */
  waits: number;
  /** Part of the keeper's holding time in which it ran no statement. */
  heldIdle: number;
}

/**
 * One claim a pool. Every route that uses an exhausted pool waits; the one to look at is the one that had the
 * connections meanwhile. It may hardly wait itself, or hold them after its answer or for ever.
 */
export function claimPools({ waits, keepers }: PoolEvidence, routes: Routes): PoolClaim[] {
  const keyOf = ({ service, pool }: { service: string; pool: string }) => `${service}\n${pool}`;
  const keepersOf = groupBy(keepers, keyOf);
  return [...groupBy(waits, keyOf)].flatMap(
    ([key, waiting]) =>
      claimPool({ waits: waiting, keepers: keepersOf.get(key) ?? [] }, routes) ?? [],
  );
}

interface Hurt {
  row: PoolRow;
  route: Route;
  weight: Weight;
}

function claimPool({ waits, keepers }: PoolEvidence, routes: Routes): PoolClaim | undefined {
  const hurt = waits.flatMap((row): Hurt[] => {
    const route = routes.get(row.service, row.route);
    const weight = route && weighWait(row, route);
    return route && weight ? [{ row, route, weight }] : [];
  });
  const worst = hurt.sort((a, b) => b.weight.share - a.weight.share)[0];
  if (worst === undefined) return undefined;
  const keeper = [...keepers].sort((a, b) => b.ms - a.ms)[0];
  // Work outside of requests has no route: there it is the one that waits most.
  const named = keeper && keeper.keeper !== NO_REQUEST ? keeper.keeper : worst.route.route;
  // What it costs is told by the keeper's own requests where they wait too, else by those that wait most.
  const { row, route, weight } = hurt.find((one) => one.route.route === named) ?? worst;
  return {
    service: row.service,
    route: named,
    cause: 'pool_wait',
    key: row.pool,
    costMs: weight.costMs,
    share: weight.share,
    requests: route.requests,
    affected: row.affected,
    callSite: waits.find((one) => one.route === named)?.callSite || row.callSite,
    statement: '',
    traceId: row.traceId,
    confidence: confidenceOf(row.affected, weight.share),
    waits: row.waits,
    heldIdle: keeper?.idle ?? 0,
    detail: detailOf({ row, route, weight }, { named, keeper, others: hurt.length - 1 }),
  };
}

function detailOf(
  { row, route, weight }: Hurt,
  held: { named: string; keeper: KeeperRow | undefined; others: number },
): string {
  const { keeper } = held;
  const who = route.route === held.named ? 'Requests' : `Requests of ${route.route}`;
  const meanMs = weight.tail ? row.slowWaitMs / row.affectedSlow : row.waitMs / row.affected;
  const when = weight.tail ? ' where they are slow' : '';
  const wait = `${who} queue ${ms(meanMs)} for a connection of a pool of ${row.size}${when}`;
  return `${wait}${keeping(keeper)}.${othersWait(held.others)}`;
}

function keeping(keeper: KeeperRow | undefined): string {
  if (keeper === undefined) return '';
  const isOutside = keeper.keeper === NO_REQUEST;
  const isIdle = keeper.idle >= RULES.heldOutsideStatementsMin;
  if (!isOutside && !isIdle) return '';
  const who = isOutside ? 'work outside of requests' : 'this route';
  const how = isIdle ? `, ${percent(keeper.idle)} of the time without running a statement` : '';
  return `, while ${who} holds them${how}`;
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
