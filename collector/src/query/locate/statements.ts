// Claims about statements: the same one many times in a request (n_plus_one), or one that is slow by itself.
import {
  type Claim,
  type Cost,
  confidenceOf,
  groupBy,
  ms,
  percent,
  type Route,
  type Routes,
  sum,
  weigh,
} from './claim.js';
import { CALL_SITE, IN_WINDOW, REQUESTS } from './fragments.js';
import { RULES } from './rules.js';
import { type SlowFrom, slownessOf } from './slowness.js';

/**
 * By service, route and statement: how often a request runs it, and what it costs.
 * `net` leaves out the time in which the event loop was busy, and the wait for a connection: a statement whose
 * answer lay unread while the loop was blocked is not slow. `envelope` is from the first start to the last end,
 * so that statements run side by side are not counted twice.
 */
export const STATEMENTS_SQL = `WITH ${REQUESTS},
statements AS (
  SELECT trace_id, span_prefix, db_query, count() AS k, sum(duration_ns) / 1e6 AS gross_ms,
    sum(greatest(duration_ns / 1e6 - loop_busy_ms - pool_wait_ms, 0)) AS net_ms,
    (max(toUnixTimestamp64Nano(ts) + duration_ns) - min(toUnixTimestamp64Nano(ts))) / 1e6 AS envelope_ms,
    sum(loop_busy_ms) AS busy_ms,
    anyIf(${CALL_SITE}, code_file != '') AS site
  FROM venturi.spans
  WHERE ${IN_WINDOW} AND kind = 'client' AND db_query != ''
  GROUP BY trace_id, span_prefix, db_query
),
costed AS (
  SELECT r.service AS service, r.route AS route, r.slow AS slow, r.ms AS request_ms, s.db_query AS statement, s.k AS k,
    s.site AS site, s.trace_id AS trace_id, s.net_ms / s.k AS one_ms, least(s.net_ms, s.envelope_ms) AS net_ms,
    greatest(least(s.gross_ms, s.envelope_ms) - r.loop_blocked_ms, 0) * (s.k - 1) / s.k AS loop_ms,
    s.k >= ${RULES.nPlusOneCountMin} AS repeated
  FROM statements AS s INNER JOIN requests AS r ON s.trace_id = r.trace_id AND s.span_prefix = r.span_prefix
)
SELECT c.service AS service, c.route AS route, c.statement AS statement,
  toFloat64(count()) AS affected, toFloat64(countIf(c.slow)) AS affectedSlow,
  sum(c.net_ms) AS netMs, sumIf(c.net_ms, c.slow) AS slowNetMs,
  quantile(0.5)(c.one_ms) AS oneMs, quantileIf(0.5)(c.one_ms, c.slow) AS slowOneMs,
  toFloat64(countIf(c.repeated)) AS repeated, toFloat64(countIf(c.repeated AND c.slow)) AS repeatedSlow,
  sumIf(c.loop_ms, c.repeated) AS repeatedMs, sumIf(c.loop_ms, c.repeated AND c.slow) AS slowRepeatedMs,
  toFloat64(quantileIf(0.5)(c.k, c.repeated)) AS count,
  anyIf(c.site, c.site != '') AS callSite,
  lower(hex(argMax(c.trace_id, c.net_ms))) AS slowestTrace,
  lower(hex(argMax(c.trace_id, if(c.repeated, c.loop_ms, -1)))) AS repeatedTrace
FROM costed AS c
GROUP BY c.service, c.route, c.statement`;

export interface StatementRow {
  service: string;
  route: string;
  statement: string;
  affected: number;
  affectedSlow: number;
  netMs: number;
  slowNetMs: number;
  oneMs: number;
  slowOneMs: number;
  repeated: number;
  repeatedSlow: number;
  repeatedMs: number;
  slowRepeatedMs: number;
  count: number;
  callSite: string;
  slowestTrace: string;
  repeatedTrace: string;
}

const SLOW_FROM: SlowFrom = {
  msMin: RULES.slowStatementMsMin,
  tailMsMin: RULES.slowStatementTailMsMin,
  standoutMsMin: RULES.slowStatementStandoutMsMin,
};

export function claimStatements(rows: StatementRow[], routes: Routes): Claim[] {
  const byRoute = groupBy(rows, (row) => `${row.service}\n${row.route}`);
  return [...byRoute.values()].flatMap((ofRoute) => {
    const { service, route: name } = ofRoute[0] as StatementRow;
    const route = routes.get(service, name);
    if (route === undefined) return [];
    const loops = [...groupBy(ofRoute, loopOf).values()].flatMap((loop) => {
      const claim = claimNPlusOne(loop, route);
      return claim === undefined ? [] : [{ loop, claim }];
    });
    const looped = new Set(loops.flatMap(({ loop }) => loop));
    const alone = ofRoute.filter((row) => !looped.has(row));
    const slow = alone.flatMap((row) => claimSlow(row, route, rows) ?? []);
    return [...loops.map(({ claim }) => claim), ...slow];
  });
}

/** In a loop of transactions the statement inside says more than these. */
const TRANSACTION = /^(BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

/** Statements that one function runs equally often are of one loop: it looks something up, then writes something. */
function loopOf(row: StatementRow): string {
  if (row.repeated === 0) return row.statement;
  const place = row.callSite.replace(/:\d+\)$/, '');
  return `${Math.round(row.count)} ${place || row.statement}`;
}

function claimNPlusOne(loop: StatementRow[], route: Route): Claim | undefined {
  const telling = loop.filter((one) => !TRANSACTION.test(one.statement));
  const row = (telling.length > 0 ? telling : loop).reduce((a, b) =>
    b.repeatedMs > a.repeatedMs ? b : a,
  );
  const cost: Cost = {
    affected: row.repeated,
    affectedSlow: row.repeatedSlow,
    costMs: sum(loop, (one) => one.repeatedMs),
    slowCostMs: sum(loop, (one) => one.slowRepeatedMs),
  };
  const weight = weigh(route, cost);
  if (weight === undefined || weight.costMs < RULES.nPlusOneCostMsMin) return undefined;
  return {
    ...claimOf(row, route),
    cause: 'n_plus_one',
    costMs: weight.costMs,
    share: weight.share,
    affected: row.repeated,
    traceId: row.repeatedTrace,
    confidence: confidenceOf(row.repeated, weight.share),
    detail:
      `The same statement runs ${Math.round(row.count)} times in a request` +
      `${othersInLoop(loop.length - 1)} takes ${percent(weight.share)} of it.`,
  };
}

function othersInLoop(statements: number): string {
  if (statements === 0) return ' and';
  return `; with ${statements === 1 ? 'one more' : `${statements} more`} in the same loop it`;
}

function claimSlow(row: StatementRow, route: Route, all: StatementRow[]): Claim | undefined {
  const cost: Cost = {
    affected: row.affected,
    affectedSlow: row.affectedSlow,
    costMs: row.netMs,
    slowCostMs: row.slowNetMs,
  };
  const weight = weigh(route, cost);
  if (weight === undefined) return undefined;
  const slow = slownessOf(row, weight, { from: SLOW_FROM, othersMs: usualMsOfOthers(row, all) });
  if (slow === undefined) return undefined;
  return {
    ...claimOf(row, route),
    cause: 'slow_statement',
    costMs: weight.costMs,
    share: weight.share,
    affected: row.affected,
    traceId: row.slowestTrace,
    confidence: confidenceOf(row.affected, weight.share),
    detail:
      `One execution takes ${ms(slow.ms)}${slow.compared}, ` +
      `time of the event loop and of the pool left out.`,
  };
}

/** How long the service's other statements usually take, wherever they run. BEGIN and COMMIT ask for no rows. */
function usualMsOfOthers(row: StatementRow, all: StatementRow[]): number[] {
  return all
    .filter(({ service, statement }) => service === row.service && statement !== row.statement)
    .filter(({ statement }) => !TRANSACTION.test(statement))
    .map(({ oneMs }) => oneMs);
}

function claimOf(row: StatementRow, route: Route) {
  return {
    service: row.service,
    route: row.route,
    key: row.statement,
    statement: row.statement,
    callSite: row.callSite,
    requests: route.requests,
  };
}
