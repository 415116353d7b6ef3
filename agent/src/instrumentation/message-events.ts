// The one patch of IncomingMessage's events: what a server receives, and what a client is answered.

import { EventEmitter } from 'node:events';

import http = require('node:http');

import { storage } from '../context/store.js';
import type { ActiveContext } from '../trace/span.js';
import { type Emit, pass, passIn } from './emit.js';
import { likeOriginal } from './like-original.js';
import { ENTRY, type Tied as TiedToEntry } from './request-entry.js';

/** An outgoing call, on its request and on its response. */
export const CALL = Symbol('venturi.call');

/** What wants to know of a response's events. */
export interface ResponseFollower {
  /** What the caller ran in, and what listeners must run in. */
  readonly context: ActiveContext | undefined;
  /** Called before the listeners; must not throw. */
  onResponseEvent(response: http.IncomingMessage, event: unknown, argument: unknown): void;
}

/** A message of an instrumented server or client, or any other. */
interface Tied extends TiedToEntry {
  [CALL]?: ResponseFollower;
}

/**
 * 'data', 'end' and 'close' come from the socket's context, which is that of another request or of none. They are
 * passed on in the request's own.
 */
export function patchMessageEvents(): void {
  const prototype = http.IncomingMessage.prototype as EventEmitter;
  const original = prototype.emit as Emit;
  // Without listeners, as most events are, it has nothing to do; somebody else's may want to see them all.
  const isNodes = original === EventEmitter.prototype.emit;
  function emit(this: EventEmitter & Tied, event: unknown, argument: unknown): boolean {
    // biome-ignore-start lint/complexity/noArguments: only passed on and counted, they make no array either.
    const count = arguments.length;
    if (count !== 1 && count !== 2) return Reflect.apply(emitMore, this, arguments);
    // biome-ignore-end lint/complexity/noArguments: see above.
    const entry = this[ENTRY];
    if (entry !== undefined) {
      // Entering a context costs more than asking for listeners.
      if (this.listenerCount(event as string) > 0) {
        return passIn(entry.context, original, this, count, event, argument);
      }
      if (isNodes && event !== 'error') return false;
      return pass(original, this, count, event, argument);
    }
    const call = this[CALL];
    if (call === undefined) return pass(original, this, count, event, argument);
    if (event !== 'data') {
      call.onResponseEvent(this as unknown as http.IncomingMessage, event, argument);
    }
    // Asking for listeners is cheaper than asking for the context.
    if (this.listenerCount(event as string) === 0) {
      return pass(original, this, count, event, argument);
    }
    return passIn(call.context, original, this, count, event, argument);
  }
  /** An application's own event; Node's have no more than one argument. */
  const emitMore: Emit<Tied> = function (...args) {
    const followed = this[ENTRY] ?? this[CALL];
    if (followed === undefined) return Reflect.apply(original, this, args);
    return storage.run(followed.context, Reflect.apply, original, this, args);
  };
  prototype.emit = likeOriginal(emit, original);
}
