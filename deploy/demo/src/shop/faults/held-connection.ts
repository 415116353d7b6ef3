// Planted pool_wait: a connection that is kept while its request waits for something that is not the database.
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

export function holdConnection(pool: pg.Pool, holdMs: number): () => Promise<void> {
  return async function reserveAndWait() {
    const client = await pool.connect();
    try {
      await client.query('SELECT quantity FROM stock WHERE product_id = $1', [1]);
      // Stands for a payment terminal or a file on a slow disk: the connection is idle all the while.
      await delay(holdMs);
    } finally {
      client.release();
    }
  };
}
