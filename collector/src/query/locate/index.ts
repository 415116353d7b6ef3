// Locates bottlenecks in a window: asks ClickHouse what requests paid for, claims causes, drops consequences.
import type { Bottleneck, Verdict } from '../../schema/verdict.js';
import { CALL_LOOPS_SQL, type CallLoopRow, claimCallLoops } from './call-loops.js';
import { type Claim, type Route, Routes } from './claim.js';
import { causesAmong } from './consequences.js';
import { claimDownstream, DOWNSTREAM_SQL, type DownstreamRow } from './downstream.js';
import { COLLECTIONS_SQL, type CollectionsRow, claimGc, PAID_SQL, type PaidRow } from './gc.js';
import { claimLoop, STALLS_SQL, type StallRow } from './loop.js';
import { claimPools, KEEPERS_SQL, type KeeperRow, POOL_SQL, type PoolRow } from './pool.js';
import { type RanQuery, type Reader, rowsOf, type Window } from './reader.js';
import { ROUTES_SQL } from './routes.js';
import { claimStatements, STATEMENTS_SQL, type StatementRow } from './statements.js';

export type Located = Verdict & { queries: RanQuery[] };

/**
 * The bottlenecks of every service in the window, the dearest first (by time over all requests).
 * Nothing is claimed without evidence in the window; an empty list means that nothing stood out.
 */
export async function locate(reader: Reader, window: Window): Promise<Located> {
  const ran: RanQuery[] = [];
  const ask = <Row>(name: string, sql: string) => rowsOf<Row>(reader, { name, sql, ran }, window);

  const routes = new Routes(await ask<Route>('routes', ROUTES_SQL));
  const stalls = await ask<StallRow>('stalls', STALLS_SQL);
  const claims = causesAmong({
    statements: claimStatements(await ask<StatementRow>('statements', STATEMENTS_SQL), routes),
    pools: claimPools(
      {
        waits: await ask<PoolRow>('pools', POOL_SQL),
        keepers: await ask<KeeperRow>('keepers of connections', KEEPERS_SQL),
      },
      routes,
    ),
    loop: claimLoop(stalls, routes),
    gc: claimGc(
      {
        stalls,
        collections: await ask<CollectionsRow>('collections', COLLECTIONS_SQL),
        paid: await ask<PaidRow>('paid for collections', PAID_SQL),
        spanMs: window.toMs - window.fromMs,
      },
      routes,
    ),
    callLoops: claimCallLoops(await ask<CallLoopRow>('calls in loops', CALL_LOOPS_SQL), routes),
    downstream: claimDownstream(await ask<DownstreamRow>('downstream', DOWNSTREAM_SQL), routes),
  });
  return {
    from: window.fromMs,
    to: window.toMs,
    requests: routes.all.reduce((total, route) => total + route.requests, 0),
    bottlenecks: claims.map(bottleneckOf),
    queries: ran,
  };
}

function bottleneckOf(claim: Claim): Bottleneck {
  return {
    service: claim.service,
    route: claim.route,
    cause: claim.cause,
    costMs: Math.round(claim.costMs * 10) / 10,
    share: Math.round(claim.share * 1000) / 1000,
    callSite: claim.callSite,
    statement: claim.statement,
    traceId: claim.traceId,
    confidence: claim.confidence,
    requests: claim.requests,
    detail: claim.detail,
  };
}
