// The storefront's pages: a product, a search, a customer's account.
import { Router } from 'express';
import type pg from 'pg';
import type { Faults } from '../faults/faults.js';
import { fetchProduct, searchCatalog } from './catalog-client.js';
import { findCustomer, lastSession, recentOrders, reviewCount } from './queries.js';

interface Dependencies {
  pool: pg.Pool;
  faults: Faults;
  catalogUrl: string;
}

export function pages({ pool, faults, catalogUrl }: Dependencies): Router {
  const router = Router();

  router.get('/products/:id', async (request, response) => {
    const [product, reviews] = await Promise.all([
      fetchProduct(catalogUrl, request.params.id),
      reviewCount(pool, Number(request.params.id)),
    ]);
    if (product === undefined) {
      response.status(404).json({ message: 'No such product.' });
      return;
    }
    await faults.at('GET /products/:id');
    response.json({ product, reviews });
  });

  router.get('/search', async (request, response) => {
    const found = await searchCatalog(catalogUrl, String(request.query.q ?? ''));
    await faults.at('GET /search');
    response.json(found);
  });

  router.get('/account/:id', async (request, response) => {
    const customer = await findCustomer(pool, Number(request.params.id));
    if (customer === undefined) {
      response.status(404).json({ message: 'No such customer.' });
      return;
    }
    const orders = await recentOrders(pool, customer.id);
    const session = await lastSession(pool, customer.id);
    const reviews = await reviewCount(pool, customer.id);
    await faults.at('GET /account/:id');
    response.json({ customer, orders, session, reviews });
  });

  return router;
}
