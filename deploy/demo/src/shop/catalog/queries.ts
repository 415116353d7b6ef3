// What the catalog asks the database.
import type pg from 'pg';

export interface Product {
  id: number;
  name: string;
  category: string;
  price_cents: number;
}

export interface Review {
  id: number;
  rating: number;
  body: string;
}

const PRODUCT = 'SELECT id, name, category, price_cents FROM products WHERE id = $1';
const BY_CATEGORY =
  'SELECT id, name, category, price_cents FROM products WHERE category = $1 ORDER BY id LIMIT 20';
const RATINGS = `SELECT product_id, avg(rating) AS rating FROM reviews
  WHERE product_id = ANY($1::int[]) GROUP BY product_id`;
const REVIEWS =
  'SELECT id, rating, body FROM reviews WHERE product_id = $1 ORDER BY rating DESC, id LIMIT 5';
const STOCK = 'SELECT quantity FROM stock WHERE product_id = $1';
const EXPORT =
  'SELECT id, name, category, description, price_cents FROM products ORDER BY id LIMIT 1500';
const CATEGORIES = 'SELECT category, count(*) AS products FROM products GROUP BY category';

export async function findProduct(pool: pg.Pool, id: number): Promise<Product | undefined> {
  return (await pool.query<Product>(PRODUCT, [id])).rows[0];
}

export async function listProducts(pool: pg.Pool, category: string): Promise<Product[]> {
  return (await pool.query<Product>(BY_CATEGORY, [category])).rows;
}

/** Mean rating by product id, for all of the ids in one statement. */
export async function ratingsOf(pool: pg.Pool, ids: number[]): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ product_id: number; rating: string }>(RATINGS, [ids]);
  return new Map(rows.map((row) => [row.product_id, Number(row.rating)]));
}

export async function reviewsOf(pool: pg.Pool, productId: number): Promise<Review[]> {
  return (await pool.query<Review>(REVIEWS, [productId])).rows;
}

export async function stockOf(pool: pg.Pool, productId: number): Promise<number | undefined> {
  return (await pool.query<{ quantity: number }>(STOCK, [productId])).rows[0]?.quantity;
}

export async function exportProducts(pool: pg.Pool): Promise<Product[]> {
  return (await pool.query<Product>(EXPORT)).rows;
}

/** Number of products by category. */
export async function countCategories(pool: pg.Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ category: string; products: string }>(CATEGORIES);
  return new Map(rows.map((row) => [row.category, Number(row.products)]));
}
