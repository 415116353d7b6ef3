// Records how long requests wait for a connection of a pool and how long they hold it, whichever library pools.

import { activeContext, storage } from '../context/store.js';
import { ATTR, SpanKind } from '../otlp/names.js';
import { encodeAttributes } from '../otlp/span.js';
import { tellHookFailure } from '../self/log.js';
import { Meter, starts } from '../self/meter.js';
import { loopIdleMs, now } from '../trace/clock.js';
import { setMs } from '../trace/set-ms.js';
import type { ActiveContext, Span } from '../trace/span.js';
import { startSpan } from '../trace/tracer.js';
import type { Unanswered } from '../trace/unanswered.js';
import { type CallSite, CallSiteGate, captureCallSite, setCallSite } from './call-site.js';
import { Holds } from './connection-hold.js';
import { askingCall, type CarriedCall, carry } from './pool-site.js';

const meter = new Meter('connection pools');

const WAIT_SPAN_MS_MIN = 1;
const IDLE_UNKNOWN = -1;

/** How a pool answers: with a connection that was idle, a new one, one that another gave back, or not in time. */
export type Outcome = 'idle' | 'new' | 'queued' | 'timeout';

/** How the libraries answer who asked for a connection. */
export type ConnectCallback = (error: unknown, client?: object, release?: unknown) => unknown;

/** How a pool introduces itself. */
export interface PoolDescription {
  /** `pg-pool.connect` */
  spanName: string;
  /** The value of `db.system.name`. */
  system: string;
  /** `host:port/database`, as the semantic conventions suggest for a pool that has no name. */
  name: string;
  /** Connections at most; 0 where there is no limit. */
  sizeMax: number;
}

/** What is known of one pool. Keep it on the pool, under a symbol. */
export interface PoolState {
  spanName: string;
  /** Those that all waits for its connections have in common, encoded. */
  attributes: Uint8Array;
  gate: CallSiteGate;
  holds: Holds;
}

/** The state of a pool that was not seen before. */
export function newPoolState({ spanName, system, name, sizeMax }: PoolDescription): PoolState {
  const attributes = encodeAttributes([
    ...[ATTR.dbSystem, system, ATTR.poolName, name],
    ...(sizeMax > 0 ? [ATTR.poolSize, sizeMax] : []),
  ]);
  return { spanName, attributes, gate: new CallSiteGate(), holds: new Holds() };
}

/** A request for a connection that starts now. */
export class Wait implements Unanswered {
  // As in spans, no initializers: see there.
  declare older: Unanswered | undefined;
  declare newer: Unanswered | undefined;
  declare isLinked: boolean;
  declare private isAbandoned: boolean;
  declare readonly caller: ActiveContext | undefined;
  declare readonly span: Span | undefined;
  declare readonly startMs: number;
  /** For the statement, where it is `pool.query` that asked for the connection. */
  declare readonly statementCall: CarriedCall;
  declare readonly pool: PoolState;
  declare readonly outcome: Outcome;
  /** `loopIdleMs()` at the start; not asked for a connection that is idle, which is handed over in the same turn. */
  declare readonly idleStartMs: number;
  declare readonly pending: number;
  declare readonly site: CallSite | undefined;

  /**
   * @param outcome that is to be expected as the pool stands
   * @param pending those that wait already
   */
  constructor(pool: PoolState, outcome: Outcome, pending: number) {
    const sinceMs = starts();
    this.older = undefined;
    this.newer = undefined;
    this.isLinked = false;
    this.isAbandoned = false;
    this.statementCall = askingCall();
    const { statementCall } = this;
    this.caller = statementCall === undefined ? activeContext() : statementCall.caller;
    this.span = this.caller?.span;
    this.startMs = now();
    this.pool = pool;
    this.outcome = outcome;
    this.pending = pending;
    this.idleStartMs = outcome === 'idle' ? IDLE_UNKNOWN : loopIdleMs();
    const isQueued = outcome === 'queued';
    this.site = isQueued && pool.gate.opens() ? captureCallSite() : undefined;
    // What waits after the answer was sent has no end of its request to be told by.
    if (isQueued && this.span?.entry.ended === false) this.span.entry.expect(this);
    if (sinceMs !== 0) meter.ends(sinceMs);
  }

  /** The request ended before the pool has answered: its client went away. */
  abandon(): void {
    this.isAbandoned = true;
    this.settle(undefined, now());
  }

  /** The pool has answered, with a connection or an error. */
  answer(error: unknown, client: object | undefined): void {
    const sinceMs = starts();
    const endMs = now();
    if (!this.isAbandoned) this.settle(error, endMs);
    if (client !== undefined) this.pool.holds.begin(client, this.span, endMs);
    if (sinceMs !== 0) meter.ends(sinceMs);
  }

  private settle(error: unknown, endMs: number): void {
    const entry = this.span?.entry;
    if (this.isLinked) entry?.answered(this);
    const waitMs = endMs - this.startMs;
    if (this.outcome === 'queued' && entry !== undefined) {
      entry.paid.poolWaitCount++;
      entry.paid.poolWaitMs += waitMs;
    }
    const isHidden = this.caller?.isSuppressed === true;
    if (waitMs >= WAIT_SPAN_MS_MIN && !isHidden) recordWait(this, error, endMs);
  }
}

function recordWait(wait: Wait, error: unknown, endMs: number): void {
  const { pool, startMs, outcome } = wait;
  const idleStartMs = wait.idleStartMs === IDLE_UNKNOWN ? loopIdleMs() : wait.idleStartMs;
  const parent = wait.caller ?? null;
  const kind = SpanKind.INTERNAL;
  const span = startSpan({ name: pool.spanName, kind, parent, startMs, idleStartMs });
  const isTimeout = error instanceof Error && /timeout|timed out/i.test(error.message);
  span.commonAttributes = pool.attributes;
  span.setAttribute(ATTR.poolPending, wait.pending);
  span.setAttribute(ATTR.poolOutcome, isTimeout ? 'timeout' : outcome);
  if (outcome === 'queued') {
    setMs(span, ATTR.poolWaitMs, endMs - startMs);
    const keeper = pool.holds.keeperSince(startMs);
    if (keeper !== undefined) {
      span.setAttribute(ATTR.poolHolder, keeper.name);
      span.setAttribute(ATTR.poolHolderIdle, keeper.idleShare);
    }
  }
  setCallSite(span, wait.site ?? wait.statementCall?.site);
  if (error) span.recordException(error);
  span.end(endMs);
}

/**
 * What to give the pool in place of `callback`: it settles the wait, and the callback runs where it was handed over.
 */
export function answer(wait: Wait, callback: ConnectCallback): ConnectCallback {
  return function (this: unknown, error, client) {
    // biome-ignore lint/complexity/noArguments: the callback may count them, and V8 need not make an array of these.
    const args = arguments as unknown as Parameters<ConnectCallback>;
    try {
      wait.answer(error, client);
    } catch (failure) {
      tellHookFailure(wait.pool.spanName, failure);
    }
    const outer = carry(wait.statementCall);
    try {
      // A client that was idle is handed over in the caller's own context.
      if (activeContext() === wait.caller) return Reflect.apply(callback, this, args);
      return storage.run(wait.caller, Reflect.apply, callback, this, args);
    } finally {
      carry(outer);
    }
  };
}

/** A connection goes back to its pool; its holder is charged for the time. */
export function giveBack(pool: PoolState, client: object): void {
  const hold = pool.holds.end(client);
  if (hold?.holder !== undefined) {
    hold.holder.entry.paid.poolHoldMs += hold.releasedMs - hold.sinceMs;
  }
}
