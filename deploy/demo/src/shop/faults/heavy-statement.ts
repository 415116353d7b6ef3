// Planted slow_statement: one statement that takes long in the database.
import type pg from 'pg';

interface HeavyStatement {
  statementMs: number;
  /** A scan that keeps the database's processor busy, or a sleep that does not. */
  variant: 'scan' | 'sleep';
}

/** No index can help this: it joins every review with every number up to $1. */
const SCAN = `SELECT r.rating, count(*) AS reviews, avg(length(r.body) * g.n) AS weight
  FROM reviews r CROSS JOIN generate_series(1, $1::int) AS g(n)
  WHERE (r.id * g.n) % 7 <> 3 GROUP BY r.rating`;
const SLEEP = 'SELECT count(*) FROM orders, pg_sleep($1::float8) WHERE orders.id < 100';
const CALIBRATION_FACTOR = 20;
const CALIBRATION_RUNS = 3;

export async function heavyStatement(
  pool: pg.Pool,
  { statementMs, variant }: HeavyStatement,
): Promise<() => Promise<void>> {
  if (variant === 'sleep') {
    return async function waitForLock() {
      await pool.query(SLEEP, [statementMs / 1000]);
    };
  }
  const factor = Math.max(1, Math.round(statementMs / (await scanMsPerFactor(pool))));
  return async function rankReviews() {
    await pool.query(SCAN, [factor]);
  };
}

/** The fastest of a few runs: what the statement costs per unit of $1 on this machine, undisturbed. */
async function scanMsPerFactor(pool: pg.Pool): Promise<number> {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < CALIBRATION_RUNS; run++) {
    const begin = performance.now();
    await pool.query(SCAN, [CALIBRATION_FACTOR]);
    fastestMs = Math.min(fastestMs, performance.now() - begin);
  }
  return fastestMs / CALIBRATION_FACTOR;
}
