// What the orders service asks the database.
import type pg from 'pg';

export interface Order {
  id: number;
  customer_id: number;
  status: string;
  total_cents: number;
  placed_at: Date;
}

export interface OrderLine {
  productId: number;
  quantity: number;
}

const ORDER = 'SELECT id, customer_id, status, total_cents, placed_at FROM orders WHERE id = $1';
const LINES = `SELECT l.line, l.quantity, l.price_cents, p.name FROM order_lines l
  JOIN products p ON p.id = l.product_id WHERE l.order_id = $1 ORDER BY l.line`;
const CUSTOMER = 'SELECT id, name, loyalty_points FROM customers WHERE id = $1';
const PRICES = 'SELECT id, price_cents FROM products WHERE id = ANY($1::int[])';
const INSERT_ORDER = `INSERT INTO orders (customer_id, status, total_cents, placed_at)
  VALUES ($1, 'open', $2, now()) RETURNING id`;
const INSERT_LINES = `INSERT INTO order_lines (order_id, line, product_id, quantity, price_cents)
  SELECT $1, l.line, l.product_id, l.quantity, p.price_cents
  FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS l(product_id, quantity, line)
  JOIN products p ON p.id = l.product_id`;
const REPORT = `SELECT date_trunc('day', placed_at) AS day, count(*) AS orders, sum(total_cents) AS cents
  FROM orders WHERE placed_at >= timestamptz '2026-01-01' + $1 * interval '1 day'
  AND placed_at < timestamptz '2026-01-01' + ($1 + 30) * interval '1 day' GROUP BY 1 ORDER BY 1`;

export async function findOrder(pool: pg.Pool, id: number): Promise<Order | undefined> {
  return (await pool.query<Order>(ORDER, [id])).rows[0];
}

export async function linesOf(pool: pg.Pool, orderId: number) {
  return (await pool.query(LINES, [orderId])).rows;
}

export async function customerExists(pool: pg.Pool, id: number): Promise<boolean> {
  return (await pool.query(CUSTOMER, [id])).rows.length > 0;
}

/** Sum of the lines at today's prices, in cents. */
export async function totalOf(pool: pg.Pool, lines: OrderLine[]): Promise<number> {
  const { rows } = await pool.query<{ id: number; price_cents: number }>(PRICES, [
    lines.map(({ productId }) => productId),
  ]);
  const prices = new Map(rows.map((row) => [row.id, row.price_cents]));
  return lines.reduce((sum, line) => sum + (prices.get(line.productId) ?? 0) * line.quantity, 0);
}

/** Stores an order with its lines in one transaction and returns its id. */
export async function insertOrder(
  pool: pg.Pool,
  order: { customerId: number; totalCents: number; lines: OrderLine[] },
): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ id: number }>(INSERT_ORDER, [
      order.customerId,
      order.totalCents,
    ]);
    const id = rows[0]?.id ?? 0;
    await client.query(INSERT_LINES, [
      id,
      order.lines.map(({ productId }) => productId),
      order.lines.map(({ quantity }) => quantity),
    ]);
    await client.query('COMMIT');
    return id;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** Orders and turnover by day, for thirty days from `firstDay` (days since the start of 2026). */
export async function dailyReport(pool: pg.Pool, firstDay: number) {
  return (await pool.query(REPORT, [firstDay])).rows;
}
