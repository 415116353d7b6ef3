// Records how long requests wait for a connection of mysql2's pools, those of a cluster too, and how long they hold it.

import { SPAN_NAME } from '../../otlp/names.js';
import { tellHookFailure } from '../../self/log.js';
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
import { valuesOf } from './mysql2-values.js';

type Method = (this: never, ...args: unknown[]) => unknown;

const STATE = Symbol('venturi.pool');
/** Marks a callback that has its wait already: a pool asks again on its behalf when a connection was lost. */
const WAITS = Symbol('venturi.waits');
/** Marks the class of a cluster's namespaces, whose prototype is patched. */
const FOLLOWED = Symbol('venturi.followed');

interface Sized {
  length: number;
}

interface Pool {
  [STATE]?: PoolState;
  config: {
    /** 0 where there is no limit. */
    connectionLimit: number;
    connectionConfig: { host?: string; port?: number; socketPath?: string; database?: string };
  };
  _allConnections: Sized;
  _freeConnections: Sized;
  _connectionQueue: Sized;
}

interface QueryPrototype {
  query: Method;
  execute: Method;
}

/** Of both Pool classes. */
export interface PoolPrototype extends QueryPrototype {
  getConnection: Method;
  releaseConnection: Method;
}

/** Of PoolCluster: `of` is how everybody comes to a namespace, whose class is not exported. */
export interface ClusterPrototype {
  of: (this: object, pattern: unknown, selector: unknown) => object;
}

interface Waiting extends ConnectCallback {
  [WAITS]?: true;
}

/** Follows a Pool; one that inherits everything is left alone. */
export function patchPool(prototype: PoolPrototype): void {
  if (!Object.hasOwn(prototype, 'getConnection')) return;
  patchQueries(prototype);
  patchGetConnection(prototype);
  patchRelease(prototype);
}

/** Follows a PoolCluster's `query` and `execute`; its pools are Pools. */
export function patchCluster(prototype: ClusterPrototype): void {
  const original = prototype.of;
  prototype.of = function of(pattern, selector) {
    const namespace = Reflect.apply(original, this, [pattern, selector]);
    const followed = Object.getPrototypeOf(namespace) as QueryPrototype & { [FOLLOWED]?: true };
    if (followed[FOLLOWED] !== true) {
      followed[FOLLOWED] = true;
      patchQueries(followed);
    }
    return namespace;
  };
}

/** The line that calls `query` is not on the stack any more when the pool has a connection for it. */
function patchQueries(prototype: QueryPrototype): void {
  prototype.query = asking(prototype.query);
  prototype.execute = asking(prototype.execute);
}

function asking(original: Method): Method {
  const follow = function (this: Pool, config: unknown, values: unknown, callback: unknown) {
    const sql = typeof config === 'string' ? config : (config as { sql?: unknown } | null)?.sql;
    const statement = typeof sql === 'string' ? statementOf(sql, 'mysql') : undefined;
    ask(callOfQuery(statement, valuesOf(config, values)));
    try {
      return original.call(this as never, config, values, callback);
    } finally {
      ask(undefined);
    }
  };
  return likeOriginal(follow, original) as Method;
}

function patchGetConnection(prototype: PoolPrototype): void {
  const original = prototype.getConnection;
  prototype.getConnection = function getConnection(this: Pool, callback: Waiting) {
    const isNew = typeof callback === 'function' && callback[WAITS] !== true;
    const wait = isNew ? begin(this) : undefined;
    if (wait === undefined) return original.call(this as never, callback);
    const waiting: Waiting = answer(wait, callback);
    if (wait.outcome === 'queued') waiting[WAITS] = true;
    return original.call(this as never, waiting);
  } as Method;
}

/** Called by `release`, and for a connection that is destroyed or lost. */
function patchRelease(prototype: PoolPrototype): void {
  const original = prototype.releaseConnection;
  prototype.releaseConnection = function releaseConnection(this: Pool, connection: object) {
    giveBack(stateOf(this), connection);
    return original.call(this as never, connection);
  } as Method;
}

function begin(pool: Pool): Wait | undefined {
  try {
    return new Wait(stateOf(pool), expectedOutcome(pool), pool._connectionQueue.length);
  } catch (error) {
    tellHookFailure('mysql2', error);
    return undefined;
  }
}

function expectedOutcome(pool: Pool): Outcome {
  if (pool._freeConnections.length > 0) return 'idle';
  const { connectionLimit } = pool.config;
  const hasRoom = connectionLimit === 0 || pool._allConnections.length < connectionLimit;
  return hasRoom ? 'new' : 'queued';
}

function stateOf(pool: Pool): PoolState {
  if (pool[STATE] === undefined) {
    const { host, port, socketPath, database } = pool.config.connectionConfig;
    pool[STATE] = newPoolState({
      spanName: SPAN_NAME.mysqlPool,
      system: 'mysql',
      name: `${socketPath || `${host}:${port}`}/${database ?? ''}`,
      sizeMax: pool.config.connectionLimit,
    });
  }
  return pool[STATE];
}
