// The storefront service: what a customer's browser talks to. Express.
import { createServer } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { readScenario } from '../../scenario/plant.js';
import { openPool } from '../database/pool.js';
import { blockLoop } from '../faults/blocked-loop.js';
import { openFaults } from '../faults/faults.js';
import { announce, listen, stopWithParent } from '../lifecycle.js';
import { pages } from './pages.js';
import { sessions } from './sessions.js';

const PASSWORD_CHECK_MS = 4;

const pool = openPool(process.env);
const faults = await openFaults('storefront', pool);
const { confounders } = readScenario(process.env);
const checkPassword = confounders.includes('short_sync')
  ? blockLoop('hash', PASSWORD_CHECK_MS)
  : () => {};

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '64kb' }));
app.get('/health', (_request, response) => {
  response.json({ status: 'ok' });
});
app.use(pages({ pool, faults, catalogUrl: process.env.DEMO_CATALOG_URL ?? '' }));
app.use(sessions({ pool, faults, checkPassword }));
app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
  response.status(500).json({ message: error.message });
});

const server = createServer(app);
stopWithParent(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await pool.end();
});
announce(await listen(server, process.env));
