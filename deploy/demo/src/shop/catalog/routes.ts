// The catalog's routes: lists, one product, its availability at the supplier, and an export.
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import type { Faults } from '../faults/faults.js';
import {
  countCategories,
  exportProducts,
  findProduct,
  listProducts,
  ratingsOf,
  reviewsOf,
  stockOf,
} from './queries.js';
import { askSupplier } from './supplier-client.js';

interface Dependencies {
  pool: pg.Pool;
  faults: Faults;
  supplierUrl: string;
}

type ById = { Params: { id: string } };

export function registerRoutes(app: FastifyInstance, dependencies: Dependencies): void {
  registerLists(app, dependencies);
  registerProduct(app, dependencies);
}

function registerLists(app: FastifyInstance, { pool, faults }: Dependencies): void {
  // Counted by the first request that needs it, as many services fill a cache.
  let categories: Promise<Map<string, number>> | undefined;

  app.get<{ Querystring: { q?: string } }>('/products', async (request) => {
    categories ??= countCategories(pool);
    const category = request.query.q ?? 'lamp';
    const products = await listProducts(pool, category);
    const ratings = await ratingsOf(
      pool,
      products.map(({ id }) => id),
    );
    await faults.at('GET /products');
    return {
      total: (await categories).get(category) ?? 0,
      products: products.map((product) => ({ ...product, rating: ratings.get(product.id) ?? 0 })),
    };
  });

  app.get('/export', async () => {
    const products = await exportProducts(pool);
    await faults.at('GET /export');
    return { products };
  });
}

function registerProduct(app: FastifyInstance, dependencies: Dependencies): void {
  const { pool, faults, supplierUrl } = dependencies;

  app.get<ById>('/products/:id', async (request, reply) => {
    const id = Number(request.params.id);
    const product = await findProduct(pool, id);
    if (product === undefined) return reply.code(404).send({ message: 'No such product.' });
    const goesWellWith = await findProduct(pool, 1 + (id % 3000));
    const reviews = await reviewsOf(pool, id);
    await faults.at('GET /products/:id');
    return { ...product, reviews, goesWellWith };
  });

  app.get<ById>('/products/:id/availability', async (request, reply) => {
    const id = Number(request.params.id);
    const quantity = await stockOf(pool, id);
    if (quantity === undefined) return reply.code(404).send({ message: 'No such product.' });
    const atSupplier = await askSupplier(`${supplierUrl}/stock/${id}`);
    await faults.at('GET /products/:id/availability');
    return { quantity, atSupplier: atSupplier.quantity };
  });
}
