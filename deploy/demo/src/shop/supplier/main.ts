// Stands for an outside company's API: it answers after a while, runs without the agent, and nobody can look inside.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { readScenario } from '../../scenario/plant.js';
import { keepPlantCosts } from '../faults/plant-costs.js';
import { announce, listen, stopWithParent } from '../lifecycle.js';

const USUAL_DELAY_MS = 3;
/** Which of the supplier's paths a caller's route asks. */
const PATH_OF_CALLER: Readonly<Record<string, string>> = {
  'catalog GET /products/:id/availability': '/stock',
  'orders POST /orders': '/reservations',
};

interface Lateness {
  delayMs: number;
  record(costMs: number): void;
}

const book = keepPlantCosts();
const late = new Map<string, Lateness>();
for (const plant of readScenario(process.env).plants) {
  const path = PATH_OF_CALLER[`${plant.service} ${plant.route}`];
  if (plant.variant === 'supplier' && path !== undefined) {
    late.set(path, { delayMs: plant.magnitude, record: book(plant) });
  }
}

const server = createServer(async (request, response) => {
  request.resume();
  const path = `/${request.url?.split('/')[1] ?? ''}`;
  const lateness = late.get(path);
  const begin = performance.now();
  await delay(lateness?.delayMs ?? USUAL_DELAY_MS);
  lateness?.record(performance.now() - begin - USUAL_DELAY_MS);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ quantity: 1000 }));
});
stopWithParent(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
announce(await listen(server, process.env));
