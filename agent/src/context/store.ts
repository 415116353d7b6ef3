// The active span of the code that is running: one AsyncLocalStorage for the whole agent.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '../trace/span.js';

/** Any function: hooks pass applications' functions of every shape through here. */
export type AnyFunction = (this: never, ...args: never[]) => unknown;

/**
 * Its store is the active span itself, because a wrapper object around it would cost an allocation per request.
 * Exported for the watchdog, which reads it from inside the code that blocks the loop.
 */
export const storage = new AsyncLocalStorage<Span | undefined>();

const NO_ARGUMENTS: readonly unknown[] = [];

/** The span that the running code belongs to; undefined outside every request. */
export function activeSpan(): Span | undefined {
  return storage.getStore();
}

/**
 * Calls `fn` with `span` active in it and in everything asynchronous that it starts.
 * `run` and never `enterWith`, because the latter leaks into the caller.
 * @param rest `this` for `fn`, and its arguments as an array or `arguments`
 * @returns what `fn` returns; what it throws passes through
 */
export function runWith(
  span: Span | undefined,
  fn: AnyFunction,
  ...rest: [thisArg?: unknown, args?: ArrayLike<unknown>]
): unknown {
  return storage.run(span, Reflect.apply, fn, rest[0], rest[1] ?? NO_ARGUMENTS);
}
