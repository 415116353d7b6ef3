// Records how long requests wait for a connection of mongodb's pools and how long they hold it.

import { SPAN_NAME } from '../../otlp/names.js';
import { tellHookFailure } from '../../self/log.js';
import { CallSiteGate } from '../call-site.js';
import { likeOriginal } from '../like-original.js';
import { ask, askingCall, type CarriedCall } from '../pool-site.js';
import {
  answer,
  type ConnectCallback,
  giveBack,
  newPoolState,
  type Outcome,
  type PoolState,
  Wait,
} from '../pool-wait.js';
import { newCall } from '../statement-call.js';

type Method = (this: never, ...args: unknown[]) => unknown;

const STATE = Symbol('venturi.pool');
const GATES_MAX = 512;

interface Pool {
  [STATE]?: PoolState;
  /** `host:port` */
  address: string;
  options: { maxPoolSize: number };
  totalConnectionCount: number;
  availableConnectionCount: number;
  waitQueueSize: number;
}

/** Of ConnectionPool. `checkOut` takes a callback, and from version 6.4 on returns a promise. */
export interface PoolPrototype {
  checkOut: Method;
  checkIn: Method;
}

/** Of Topology. */
export interface Topology {
  selectServer: Method;
}

/** A `find`, an `insert`: what is to be done, before it is known where. */
interface Operation {
  ns?: unknown;
  execute: Method;
}

/** The exports of `execute_operation.js`. */
export interface Operations {
  executeOperation: Method;
}

const gates = new Map<string, CallSiteGate>();

/** Follows a ConnectionPool. */
export function patchPool(prototype: PoolPrototype): void {
  patchCheckOut(prototype);
  const { checkIn } = prototype;
  const replacement = function (this: Pool, connection: object) {
    giveBack(stateOf(this), connection);
    return Reflect.apply(checkIn, this as never, [connection]);
  };
  prototype.checkIn = likeOriginal(replacement as Method, checkIn);
}

/**
 * Looks for the call site while it is on the stack: a driver that works in callbacks has left it behind by the time
 * that the operation asks for a connection.
 */
export function patchOperations(exports: Operations): void {
  const original = exports.executeOperation;
  const replacement = function executeOperation(this: unknown, ...args: unknown[]) {
    const operation = args[1] as Operation;
    try {
      const call = newCall(gateOf(operation));
      if (call.site !== undefined) tieCall(operation, call);
    } catch (error) {
      tellHookFailure('mongodb', error);
    }
    return Reflect.apply(original, this as never, args);
  };
  exports.executeOperation = likeOriginal(replacement as Method, original);
}

function tieCall(operation: Operation, call: CarriedCall): void {
  const original = operation.execute;
  operation.execute = function execute(this: Operation, ...args: unknown[]) {
    ask(call);
    try {
      return Reflect.apply(original, this as never, args);
    } finally {
      ask(undefined);
    }
  } as Method;
}

/** By kind of operation and collection: what its statement will be is not known yet. */
function gateOf(operation: Operation): CallSiteGate {
  const key = `${operation.constructor.name} ${String(operation.ns)}`;
  let gate = gates.get(key);
  if (gate === undefined) {
    if (gates.size >= GATES_MAX) gates.clear();
    gate = new CallSiteGate();
    gates.set(key, gate);
  }
  return gate;
}

function patchCheckOut(prototype: PoolPrototype): void {
  const original = prototype.checkOut;
  const replacement = function checkOut(this: Pool, ...args: unknown[]) {
    const [callback] = args;
    const hasCallback = typeof callback === 'function';
    const wait = begin(this, hasCallback);
    if (wait === undefined) return Reflect.apply(original, this as never, args);
    if (hasCallback) {
      return Reflect.apply(original, this as never, [answer(wait, callback as ConnectCallback)]);
    }
    const result = Reflect.apply(original, this as never, args) as Promise<object>;
    // Whoever called it awaits the very same promise, right after us and no later than without us.
    result.then(
      (connection) => answered(wait, undefined, connection),
      (error) => answered(wait, error, undefined),
    );
    return result;
  };
  prototype.checkOut = likeOriginal(replacement as Method, original);
}

function answered(wait: Wait, error: unknown, connection: object | undefined): void {
  try {
    wait.answer(error, connection);
  } catch (failure) {
    tellHookFailure('mongodb', failure);
  }
}

function begin(pool: Pool, hasCallback: boolean): Wait | undefined {
  const asked = askingCall();
  try {
    // A callback has nothing of the application on its stack, but an `await` has whatever awaits it.
    if (hasCallback && asked === undefined) ask(newCall(undefined));
    return new Wait(stateOf(pool), expectedOutcome(pool), pool.waitQueueSize);
  } catch (error) {
    tellHookFailure('mongodb', error);
    return undefined;
  } finally {
    ask(asked);
  }
}

/** How the pool will answer: those that already wait are served first. */
function expectedOutcome(pool: Pool): Outcome {
  const ahead = pool.waitQueueSize - pool.availableConnectionCount;
  if (ahead < 0) return 'idle';
  const { maxPoolSize } = pool.options;
  const isOpen = maxPoolSize === 0 || pool.totalConnectionCount + ahead < maxPoolSize;
  return isOpen ? 'new' : 'queued';
}

function stateOf(pool: Pool): PoolState {
  pool[STATE] ??= newPoolState({
    spanName: SPAN_NAME.mongoPool,
    system: 'mongodb',
    name: pool.address,
    sizeMax: pool.options.maxPoolSize,
  });
  return pool[STATE];
}
