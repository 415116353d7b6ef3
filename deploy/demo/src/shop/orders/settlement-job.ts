// A job of the orders service that runs beside its requests: it marks old open orders as paid.
import type pg from 'pg';

const INTERVAL_MS = 2_000;
const OPEN = "SELECT id FROM orders WHERE status = 'open' ORDER BY id LIMIT 20";
const TURNOVER = 'SELECT status, sum(total_cents) FROM orders GROUP BY status';
const PAID = "UPDATE orders SET status = 'paid' WHERE id = $1 AND status = 'open'";

/** Starts the job; the returned function ends it. A run that fails is left to the next one. */
export function startSettlementJob(pool: pg.Pool): () => void {
  const timer = setInterval(() => {
    settle(pool).catch((error: Error) => console.error(`settlement failed: ${error.message}`));
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

async function settle(pool: pg.Pool): Promise<void> {
  await pool.query(TURNOVER);
  const { rows } = await pool.query<{ id: number }>(OPEN);
  for (const { id } of rows) await pool.query(PAID, [id]);
}
