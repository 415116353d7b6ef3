// Stands for an outside company's API: it answers after a while, runs without the agent, and nobody can look inside.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { readScenario } from '../../scenario/plant.js';
import { announce, listen, stopWithParent } from '../lifecycle.js';

const USUAL_DELAY_MS = 3;
/** Which of the supplier's paths a caller's route asks. */
const PATH_OF_CALLER: Readonly<Record<string, string>> = {
  'catalog GET /products/:id/availability': '/stock',
  'orders POST /orders': '/reservations',
};

const delays = new Map<string, number>();
for (const plant of readScenario(process.env).plants) {
  const path = PATH_OF_CALLER[`${plant.service} ${plant.route}`];
  if (plant.variant === 'supplier' && path !== undefined) delays.set(path, plant.magnitude);
}

const server = createServer(async (request, response) => {
  request.resume();
  const path = `/${request.url?.split('/')[1] ?? ''}`;
  await delay(delays.get(path) ?? USUAL_DELAY_MS);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ quantity: 1000 }));
});
stopWithParent(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
announce(await listen(server, process.env));
