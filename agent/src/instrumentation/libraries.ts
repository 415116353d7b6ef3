// Every library that is patched as it is loaded.

import type { LibraryName } from '../config/disabled-libraries.js';
import type { Library } from './library.js';
import { express } from './modules/express.js';
import { fastify } from './modules/fastify.js';
import { ioredis } from './modules/ioredis.js';
import { koa } from './modules/koa.js';
import { mongodb } from './modules/mongodb.js';
import { mysql2 } from './modules/mysql2.js';
import { pg } from './modules/pg.js';
import { pgPool } from './modules/pg-pool.js';
import { pino } from './modules/pino.js';
import { redisClient } from './modules/redis-client.js';
import { undici } from './modules/undici.js';
import { winston } from './modules/winston.js';

/** Those that make spans, in the order of the table of support. */
export const LIBRARIES: readonly Library[] = [
  express,
  fastify,
  koa,
  pg,
  pgPool,
  mysql2,
  mongodb,
  ioredis,
  redisClient,
  undici,
];

/** Loggers, which are patched unless lines are to stay as they are. */
export const LOGGERS: readonly Library[] = [pino, winston];

/** Libraries that users know by another name. */
const ALIASES: Readonly<Record<string, LibraryName>> = { '@redis/client': 'redis' };

/** The name by which a library is left alone. */
export function switchOf({ name }: Library): LibraryName {
  return ALIASES[name] ?? (name as LibraryName);
}
