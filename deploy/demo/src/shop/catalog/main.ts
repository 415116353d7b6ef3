// The catalog service: products, reviews and stock. Fastify.
import fastify from 'fastify';
import { openPool } from '../database/pool.js';
import { openFaults } from '../faults/faults.js';
import { announce, listen, stopWithParent } from '../lifecycle.js';
import { registerRoutes } from './routes.js';

const pool = openPool(process.env);
const faults = await openFaults('catalog', pool);
const app = fastify({ forceCloseConnections: true });
registerRoutes(app, { pool, faults, supplierUrl: process.env.DEMO_SUPPLIER_URL ?? '' });
await app.ready();

stopWithParent(async () => {
  await app.close();
  await pool.end();
});
announce(await listen(app.server, process.env));
