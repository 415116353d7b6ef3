// The storefront's sessions: logging in, and a stream of news that stays open while somebody looks.
import { randomBytes } from 'node:crypto';
import { Router } from 'express';
import type pg from 'pg';
import type { Faults } from '../faults/faults.js';
import { insertSession } from './queries.js';

const NEWS_INTERVAL_MS = 5_000;

interface Dependencies {
  pool: pg.Pool;
  faults: Faults;
  /** Checks a password; a few milliseconds of synchronous work in many a shop. */
  checkPassword: () => void;
}

export function sessions({ pool, faults, checkPassword }: Dependencies): Router {
  const router = Router();

  router.post('/sessions', async (request, response) => {
    const { customerId } = request.body as { customerId?: number };
    if (customerId === undefined || customerId < 1) throw new Error('Unknown customer.');
    checkPassword();
    await faults.at('POST /sessions');
    const token = randomBytes(16).toString('hex');
    response.status(201).json({ id: await insertSession(pool, { customerId, token }), token });
  });

  router.get('/events', (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write('event: hello\ndata: {}\n\n');
    const timer = setInterval(() => response.write('event: news\ndata: {}\n\n'), NEWS_INTERVAL_MS);
    request.on('close', () => clearInterval(timer));
  });

  return router;
}
