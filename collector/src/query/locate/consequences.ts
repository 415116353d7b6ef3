// Tells causes from consequences: drops each claim that another claim explains.
import type { CallLoopClaim } from './call-loops.js';
import type { Claim } from './claim.js';
import type { DownstreamClaim } from './downstream.js';
import type { PoolClaim } from './pool.js';
import { RULES } from './rules.js';

export interface Claims {
  statements: Claim[];
  pools: PoolClaim[];
  loop: Claim[];
  gc: Claim[];
  callLoops: CallLoopClaim[];
  downstream: DownstreamClaim[];
}

/** The claims that stand, the dearest first. */
export function causesAmong(claims: Claims): Claim[] {
  const pools = claims.pools.filter((pool) => !isOfStatement(pool, claims.statements));
  const statements = claims.statements.filter((claim) => !isOfPool(claim, pools));
  const inside: Claim[] = [...statements, ...pools, ...claims.loop, ...claims.gc];
  const callLoops = claims.callLoops.filter((loop) => !isExplainedInside(loop, inside));
  const local = [...inside, ...callLoops];
  const downstream = claims.downstream.filter(
    (claim) => !isOfLoop(claim, callLoops) && !isOfCallee(claim, local, claims.downstream),
  );
  return [...local, ...downstream].sort((a, b) => b.costMs * b.requests - a.costMs * a.requests);
}

/**
 * A pool is empty because statements keep its connections: an N+1 that asks all at once, or a slow statement.
 * It is the pool's own fault where the wait is far longer than what the statement takes, or where the
 * connections are held without running one.
 */
function isOfStatement(pool: PoolClaim, statements: Claim[]): boolean {
  return statements.some((claim) => {
    if (claim.service !== pool.service) return false;
    if (claim.cause === 'n_plus_one' && claim.route === pool.route) {
      return pool.waits >= RULES.poolWaitsOfParallelLoopMin || claim.costMs >= pool.costMs;
    }
    if (pool.heldIdle >= RULES.heldOutsideStatementsMin) return false;
    return pool.costMs <= RULES.poolWaitPerStatementMax * claim.costMs;
  });
}

/** On the route that an empty pool is blamed on, the statement that runs once a connection is had is not the cause. */
function isOfPool(claim: Claim, pools: PoolClaim[]): boolean {
  return (
    claim.cause === 'slow_statement' &&
    pools.some(
      (pool) =>
        pool.service === claim.service &&
        pool.route === claim.route &&
        pool.costMs > claim.costMs * RULES.poolWaitPerStatementMax,
    )
  );
}

/** Calls in a loop are long because of what was found in the callee: that comes first. */
function isExplainedInside(loop: CallLoopClaim, inside: Claim[]): boolean {
  return inside.some(({ service, route }) => service === loop.callee && route === loop.calleeRoute);
}

/** A call that is made in a loop is slow as a whole because there are many. */
function isOfLoop(claim: DownstreamClaim, loops: CallLoopClaim[]): boolean {
  return loops.some((loop) => {
    if (loop.service !== claim.service || loop.route !== claim.route) return false;
    return claim.callee === '' ? loop.address === claim.peer : loop.callee === claim.callee;
  });
}

/** A slow call is a consequence where the callee's own route has a cause, or its whole process has one that was paid here. */
function isOfCallee(
  claim: DownstreamClaim,
  local: Claim[],
  downstream: DownstreamClaim[],
): boolean {
  if (claim.callee === '') return false;
  return [...local, ...downstream].some((other) => {
    if (other.service !== claim.callee) return false;
    if (other.route === claim.calleeRoute) return true;
    const ofProcess =
      other.cause === 'loop_blocked' || other.cause === 'gc' || other.cause === 'pool_wait';
    return ofProcess && claim.process >= RULES.shareMin;
  });
}
