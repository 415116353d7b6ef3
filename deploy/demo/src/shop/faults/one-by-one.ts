// Planted n_plus_one: the reviews of every product in a list, asked for one product at a time.
import type pg from 'pg';

interface OneByOne {
  /** Statements per request. */
  count: number;
  /** All at once by Promise.all instead of one after another. */
  parallel: boolean;
}

export function reviewsOneByOne(pool: pg.Pool, { count, parallel }: OneByOne): () => Promise<void> {
  const productIds = Array.from({ length: count }, (_, index) => 1 + index * 13);
  return async function loadReviews() {
    if (parallel) {
      await Promise.all(productIds.map((productId) => newestReviews(pool, productId)));
      return;
    }
    for (const productId of productIds) await newestReviews(pool, productId);
  };
}

function newestReviews(pool: pg.Pool, productId: number) {
  return pool.query(
    'SELECT id, rating, body FROM reviews WHERE product_id = $1 ORDER BY id DESC LIMIT 3',
    [productId],
  );
}
