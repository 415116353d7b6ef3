// Binds the listeners that an application adds to one emitter to a context.

import type { EventEmitter } from 'node:events';

type Listener = (this: unknown, ...args: unknown[]) => unknown;
type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter;
type RemoveAll = (this: EventEmitter, ...events: (string | symbol)[]) => EventEmitter;
type Bind = (listener: Listener) => Listener;

interface Bound {
  [BOUND]?: Map<string | symbol, WeakMap<Listener, Listener>>;
}

const BOUND = Symbol('venturi.bound');
const ADDERS = ['addListener', 'on', 'once', 'prependListener', 'prependOnceListener'] as const;
const REMOVERS = ['removeListener', 'off'] as const;

/** Whether a method of an emitter is running: `once` calls `on` with a listener that is bound already. */
let isAdding = false;

/** Replaces the methods of this emitter that add and remove listeners. A second call for it changes nothing. */
export function bindEmitter(emitter: EventEmitter & Bound, bind: Bind): EventEmitter {
  if (emitter[BOUND] !== undefined) return emitter;
  const bound: NonNullable<Bound[typeof BOUND]> = new Map();
  Object.defineProperty(emitter, BOUND, { value: bound });
  const methods = emitter as unknown as Record<string, unknown>;
  for (const name of ADDERS) methods[name] = adder(methods[name] as Add, bound, bind);
  for (const name of REMOVERS) methods[name] = remover(methods[name] as Add, bound);
  const removeAll = emitter.removeAllListeners as RemoveAll;
  methods.removeAllListeners = function (this: EventEmitter, ...events: (string | symbol)[]) {
    if (events.length === 0) bound.clear();
    else bound.delete(events[0] as string);
    return Reflect.apply(removeAll, this, events);
  };
  return emitter;
}

function adder(original: Add, bound: NonNullable<Bound[typeof BOUND]>, bind: Bind): Add {
  return function (event, listener) {
    if (isAdding || typeof listener !== 'function') {
      return Reflect.apply(original, this, [event, listener]);
    }
    let listeners = bound.get(event);
    if (listeners === undefined) {
      listeners = new WeakMap();
      bound.set(event, listeners);
    }
    const wrapped = bind(listener);
    listeners.set(listener, wrapped);
    isAdding = true;
    try {
      return Reflect.apply(original, this, [event, wrapped]);
    } finally {
      isAdding = false;
    }
  };
}

function remover(original: Add, bound: NonNullable<Bound[typeof BOUND]>): Add {
  return function (event, listener) {
    return Reflect.apply(original, this, [event, bound.get(event)?.get(listener) ?? listener]);
  };
}
