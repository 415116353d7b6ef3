// What the storefront asks the database.
import type pg from 'pg';

const CUSTOMER = 'SELECT id, name, email, loyalty_points FROM customers WHERE id = $1';
const RECENT_ORDERS =
  'SELECT id, status, total_cents FROM orders WHERE customer_id = $1 ORDER BY id DESC LIMIT 5';
const LAST_SESSION =
  'SELECT id, created_at FROM sessions WHERE customer_id = $1 ORDER BY id DESC LIMIT 1';
const REVIEW_COUNT = 'SELECT count(*) AS reviews FROM reviews WHERE product_id = $1';
const INSERT_SESSION = 'INSERT INTO sessions (customer_id, token) VALUES ($1, $2) RETURNING id';

export async function findCustomer(pool: pg.Pool, id: number) {
  return (await pool.query<{ id: number; name: string }>(CUSTOMER, [id])).rows[0];
}

export async function recentOrders(pool: pg.Pool, customerId: number) {
  return (await pool.query(RECENT_ORDERS, [customerId])).rows;
}

export async function lastSession(pool: pg.Pool, customerId: number) {
  return (await pool.query(LAST_SESSION, [customerId])).rows[0];
}

export async function reviewCount(pool: pg.Pool, productId: number): Promise<number> {
  const { rows } = await pool.query<{ reviews: string }>(REVIEW_COUNT, [productId]);
  return Number(rows[0]?.reviews ?? 0);
}

/** Stores a session and returns its id. */
export async function insertSession(
  pool: pg.Pool,
  { customerId, token }: { customerId: number; token: string },
): Promise<string> {
  return (await pool.query<{ id: string }>(INSERT_SESSION, [customerId, token])).rows[0]?.id ?? '';
}
