// The one patch of IncomingMessage's events: what a server receives, and what a client is answered.

import { EventEmitter } from 'node:events';

import http = require('node:http');

import { storage } from '../context/store.js';
import type { ActiveContext } from '../trace/span.js';
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

type Emit = (this: EventEmitter & Tied, ...args: unknown[]) => boolean;

/**
 * 'data', 'end' and 'close' come from the socket's context, which is that of another request or of none. They are
 * passed on in the request's own.
 */
export function patchMessageEvents(): void {
  const prototype = http.IncomingMessage.prototype as EventEmitter;
  const original = prototype.emit as Emit;
  // Without listeners, as most events are, it has nothing to do; somebody else's may want to see them all.
  const isNodes = original === EventEmitter.prototype.emit;
  const follow: Emit = function (...args) {
    const entry = this[ENTRY];
    if (entry !== undefined) {
      // Entering a context costs more than asking for listeners.
      if (this.listenerCount(args[0] as string) === 0) return Reflect.apply(original, this, args);
      return storage.run(entry.context, Reflect.apply, original, this, args);
    }
    const call = this[CALL];
    if (call === undefined) return Reflect.apply(original, this, args);
    const event = args[0];
    if (event !== 'data') {
      call.onResponseEvent(this as unknown as http.IncomingMessage, event, args[1]);
    }
    // Asking for listeners is cheaper than asking for the context.
    if (this.listenerCount(event as string) === 0 || storage.getStore() === call.context) {
      return Reflect.apply(original, this, args);
    }
    return storage.run(call.context, Reflect.apply, original, this, args);
  };
  // Apart, because V8 makes no array of arguments that are only passed on.
  const emit: Emit = function (...args) {
    if (isNodes && this[ENTRY] !== undefined && args[0] !== 'error') {
      if (this.listenerCount(args[0] as string) === 0) return false;
    }
    return Reflect.apply(follow, this, args);
  };
  prototype.emit = likeOriginal(emit, original);
}
