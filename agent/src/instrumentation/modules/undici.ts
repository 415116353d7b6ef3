// Follows undici's dispatchers, for what its diagnostics channels do not tell: its pools' queues, and who resends.

import { tellHookFailure } from '../../self/log.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { currentDispatch, Dispatch, enterDispatch } from '../undici-dispatch.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Exported {
  prototype: { dispatch: Method };
}

const patch = ({ prototype }: Exported): void => patchDispatch(prototype);

/** The package; Node's own copy, which `fetch` uses, has no queue and is recorded through the channels alone. */
export const undici: Library = {
  name: 'undici',
  versions: '>=5.8.0 <9',
  poolWait: 'venturi.socket_wait_ms',
  testedWith: 'servers of node:http and node:https',
  patches: [
    { packageName: 'undici', file: 'lib/dispatcher-base.js', patch },
    { packageName: 'undici', file: 'lib/dispatcher/dispatcher-base.js', patch },
  ],
};

/** Dispatches that stand in a pool's queue, by the options that the pool will pass on, first come first. */
const queues = new WeakMap<object, Dispatch[]>();
let queued = 0;

/** Agent, pool and client call each other's `dispatch`; the outermost is the application's. */
function patchDispatch(prototype: Exported['prototype']): void {
  const original = prototype.dispatch;
  function dispatch(this: unknown, ...args: unknown[]): unknown {
    const outer = currentDispatch();
    const isNested = outer !== undefined && !outer.isSent;
    const own = isNested ? outer : begin(this, args);
    if (own === undefined) return Reflect.apply(original, this, args);
    own.options = args[0] as object;
    own.dispatcher = this;
    if (isNested) return Reflect.apply(original, this, args);
    enterDispatch(own);
    try {
      return Reflect.apply(original, this, args);
    } finally {
      enterDispatch(outer);
      if (!own.isSent) tryKeep(own);
    }
  }
  prototype.dispatch = likeOriginal(dispatch, original);
}

function begin(dispatcher: unknown, [options, handler]: unknown[]): Dispatch | undefined {
  try {
    if (queued > 0) {
      const waiting = take(dispatcher, options);
      if (waiting !== undefined) return waiting;
    }
    return new Dispatch(handler);
  } catch (error) {
    tellHookFailure('undici', error);
    return undefined;
  }
}

/** A pool hands what waited to one of its clients; the same options given to the pool again are another call. */
function take(dispatcher: unknown, options: unknown): Dispatch | undefined {
  if (typeof options !== 'object' || options === null) return undefined;
  const queue = queues.get(options);
  if (queue === undefined || queue[0]?.dispatcher === dispatcher) return undefined;
  const first = queue.shift();
  if (first !== undefined) queued--;
  return first;
}

function tryKeep(dispatch: Dispatch): void {
  try {
    keep(dispatch);
  } catch (error) {
    tellHookFailure('undici', error);
  }
}

/** Only what a pool keeps: a dispatch that failed at once has no request either. */
function keep(dispatch: Dispatch): void {
  const { options, dispatcher } = dispatch;
  if (typeof options !== 'object' || options === null) return;
  const { stats } = dispatcher as { stats?: { queued?: unknown } };
  if (typeof stats?.queued !== 'number' || stats.queued === 0) return;
  if (dispatch.queued === undefined) dispatch.enqueue();
  const queue = queues.get(options);
  if (queue === undefined) queues.set(options, [dispatch]);
  else queue.push(dispatch);
  queued++;
}
