// Planted pool_wait: a connection that is kept while its request waits for something that is not the database.
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

/** What it does resolves with the milliseconds that it queued: those are the pool's, the holding is its own. */
export function holdConnection(pool: pg.Pool, holdMs: number): () => Promise<number> {
  return async function reserveAndWait() {
    const begin = performance.now();
    const client = await pool.connect();
    const queuedMs = performance.now() - begin;
    try {
      await client.query('SELECT quantity FROM stock WHERE product_id = $1', [1]);
      // Stands for a payment terminal or a file on a slow disk: the connection is idle all the while.
      await delay(holdMs);
      return queuedMs;
    } finally {
      client.release();
    }
  };
}
