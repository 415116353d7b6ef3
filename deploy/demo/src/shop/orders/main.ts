// The orders service: orders, checkout and reports. Fastify.
import fastify from 'fastify';
import { readScenario } from '../../scenario/plant.js';
import { openPool } from '../database/pool.js';
import { openFaults } from '../faults/faults.js';
import { announce, listen, stopWithParent } from '../lifecycle.js';
import { registerRoutes } from './routes.js';
import { startSettlementJob } from './settlement-job.js';

const pool = openPool(process.env);
const faults = await openFaults('orders', pool);
const app = fastify({ forceCloseConnections: true });
registerRoutes(app, { pool, faults, supplierUrl: process.env.DEMO_SUPPLIER_URL ?? '' });
await app.ready();

const { confounders } = readScenario(process.env);
const stopJob = confounders.includes('background_job') ? startSettlementJob(pool) : () => {};

stopWithParent(async () => {
  stopJob();
  await app.close();
  await pool.end();
});
announce(await listen(app.server, process.env));
