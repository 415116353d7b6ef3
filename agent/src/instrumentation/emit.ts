// Passes an event on to the `emit` that one of ours stands for, with just the arguments that it was given.
//
// What an event comes with is passed by name: of an array V8 would make a new one in each function that it goes through,
// a dozen times a request. Listeners may count their arguments, so the number of those that were given matters.

import type { EventEmitter } from 'node:events';
import { storage } from '../context/store.js';
import type { ActiveContext } from '../trace/span.js';

/** `emit` of servers, requests and responses. */
export type Emit<Extra = unknown> = (this: EventEmitter & Extra, ...args: unknown[]) => boolean;

/** @param count how many of `event` and `argument` were given */
export function pass(
  emit: Emit,
  emitter: EventEmitter,
  count: number,
  event: unknown,
  argument: unknown,
): boolean {
  return count === 1 ? emit.call(emitter, event) : emit.call(emitter, event, argument);
}

/** The same in `context`, as `AsyncLocalStorage.run` does it, which takes arrays. */
export function passIn(
  context: ActiveContext | undefined,
  emit: Emit,
  emitter: EventEmitter,
  count: number,
  event: unknown,
  argument: unknown,
): boolean {
  const outer = storage.getStore();
  if (outer === context) return pass(emit, emitter, count, event, argument);
  storage.enterWith(context);
  try {
    return pass(emit, emitter, count, event, argument);
  } finally {
    storage.enterWith(outer);
  }
}
