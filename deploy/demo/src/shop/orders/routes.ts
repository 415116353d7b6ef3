// The orders service's routes: one order, a new order, and the daily report.
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import type { Faults } from '../faults/faults.js';
import {
  customerExists,
  dailyReport,
  findOrder,
  insertOrder,
  linesOf,
  type OrderLine,
  totalOf,
} from './queries.js';

interface Dependencies {
  pool: pg.Pool;
  faults: Faults;
  supplierUrl: string;
}

const ORDER_BODY = {
  type: 'object',
  required: ['customerId', 'lines'],
  properties: {
    customerId: { type: 'integer' },
    lines: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: {
        type: 'object',
        required: ['productId', 'quantity'],
        properties: { productId: { type: 'integer' }, quantity: { type: 'integer', minimum: 1 } },
      },
    },
  },
} as const;

export function registerRoutes(app: FastifyInstance, dependencies: Dependencies): void {
  const { pool, faults } = dependencies;

  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    const order = await findOrder(pool, Number(request.params.id));
    if (order === undefined) return reply.code(404).send({ message: 'No such order.' });
    const lines = await linesOf(pool, order.id);
    await faults.at('GET /orders/:id');
    return { ...order, lines };
  });

  app.get<{ Querystring: { firstDay?: string } }>('/reports/daily', async (request) => {
    const days = await dailyReport(pool, Number(request.query.firstDay ?? 0));
    await faults.at('GET /reports/daily');
    return { days };
  });

  registerCheckout(app, dependencies);
}

function registerCheckout(app: FastifyInstance, { pool, faults, supplierUrl }: Dependencies): void {
  app.post<{ Body: { customerId: number; lines: OrderLine[] } }>(
    '/orders',
    { schema: { body: ORDER_BODY } },
    async (request, reply) => {
      const { customerId, lines } = request.body;
      // A customer that this service never heard of is a fault of the caller that nobody has handled yet.
      if (!(await customerExists(pool, customerId))) throw new Error('Unknown customer.');
      const totalCents = await totalOf(pool, lines);
      await reserve(supplierUrl, lines);
      await faults.at('POST /orders');
      const id = await insertOrder(pool, { customerId, totalCents, lines });
      return reply.code(201).send({ id, totalCents });
    },
  );
}

/** Reserves the goods at the supplier. */
async function reserve(supplierUrl: string, lines: OrderLine[]): Promise<void> {
  const response = await fetch(`${supplierUrl}/reservations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(lines),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`The supplier answered ${response.status}.`);
  await response.arrayBuffer();
}
