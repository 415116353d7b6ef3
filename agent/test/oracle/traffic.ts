// What the services of the comparison are asked, and the servers behind them.

import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../support/free-port.js';
import { startMariadb } from '../support/mariadb.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';
import type { Ask } from './engines.js';

/** A service that is compared. */
export interface Service {
  /** As the table of differences calls it. */
  name: string;
  fixture: string;
  which: string;
  asks: readonly Ask[];
  /** Starts what it calls. */
  start: () => Promise<Behind>;
}

/** What a service calls. */
interface Behind {
  env: Record<string, string>;
  stop: () => Promise<void>;
}

const FRAMEWORK: readonly Ask[] = [
  { path: '/hello' },
  { path: '/users/7' },
  { path: '/users/8', query: '?token=secret' },
  { path: '/orders', method: 'POST', body: '{"a":1}' },
  { path: '/throw' },
  { path: '/reject' },
  { path: '/teapot' },
  { path: '/unavailable' },
  { path: '/nested/items/3' },
  { path: '/nowhere' },
  { path: '/slow', isAborted: true },
];
const CALLS = ways('ok post missing failing redirected refused aborted parallel');

/** All of them, in the order of the table of support. */
export const SERVICES: readonly Service[] = [
  ...['express', 'fastify', 'koa', 'http'].map((which) => ({
    name: which,
    fixture: 'oracle-frameworks.cjs',
    which,
    asks: FRAMEWORK,
    start: () => Promise.resolve({ env: {}, stop: () => Promise.resolve() }),
  })),
  ...['http', 'fetch', 'undici'].map((which) => ({
    name: which === 'http' ? 'http client' : which,
    fixture: 'oracle-clients.cjs',
    which,
    asks: CALLS,
    start: startBackend,
  })),
  database('pg', 'select values named literal callback syntax missing transaction', startPostgres),
  database('mysql2', 'select values execute literal callback syntax missing', startMariadb),
  database('ioredis', 'set get callback wrong pipeline multi', startRedisBehind),
  database('redis', 'set get wrong multi', startRedisBehind),
];

function database(which: string, names: string, start: () => Promise<Behind>): Service {
  return { name: which, fixture: 'oracle-databases.cjs', which, asks: ways(names), start };
}

function ways(names: string): Ask[] {
  return names.split(' ').map((name) => ({ path: `/${name}` }));
}

const STATUSES: Record<string, number> = { '/missing': 404, '/failing': 500, '/redirected': 302 };

async function startBackend(): Promise<Behind> {
  const server = http.createServer((request, response) => {
    const path = (request.url as string).split('?')[0] as string;
    if (path === '/never') return;
    const status = STATUSES[path] ?? 200;
    request.resume();
    request.on('end', () => {
      response.writeHead(status, status === 302 ? { location: '/ok' } : {}).end(path);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      BACKEND: `http://127.0.0.1:${port}`,
      CLOSED: `http://127.0.0.1:${await freePort()}`,
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startRedisBehind(): Promise<Behind> {
  const { port, stop } = await startRedis();
  return { env: { REDIS_PORT: String(port) }, stop };
}
