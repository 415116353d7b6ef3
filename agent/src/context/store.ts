// The context of the code that is running: one AsyncLocalStorage for the whole agent.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActiveContext, Span } from '../trace/span.js';

/** Any function: hooks pass applications' functions of every shape through here. */
export type AnyFunction = (this: never, ...args: never[]) => unknown;

/** Its store is undefined outside of everything. Exported for hooks, which save the detour of a closure. */
export const storage = new AsyncLocalStorage<ActiveContext | undefined>();

/** What the agent's own requests run in: recorded, each export would be the cause of the next. */
const SUPPRESSED: ActiveContext = {
  span: undefined,
  remote: undefined,
  isSuppressed: true,
  baggage: '',
  withSpan: () => SUPPRESSED,
};

const NO_ARGUMENTS: readonly unknown[] = [];

/** The context of the running code, to be given to `runIn` when its callback is called. */
export function activeContext(): ActiveContext | undefined {
  return storage.getStore();
}

/** The span that the running code belongs to; undefined outside every request. */
export function activeSpan(): Span | undefined {
  return storage.getStore()?.span;
}

/** Another context manager, to which the application has given the place of ours in OpenTelemetry's API. */
export const otherManager = {
  /** Whether nothing must be recorded for the running code; undefined while there is no other. */
  isSuppressed: undefined as (() => boolean) | undefined,
  /** Calls `fn` so that whoever reads that manager records nothing of it; undefined while there is no other. */
  suppress: undefined as ((fn: () => void) => void) | undefined,
};

/** Calls `fn` outside of every request, and so that nobody records it: neither the agent nor another SDK. */
export function runSuppressed(fn: () => void): void {
  storage.run(SUPPRESSED, otherManager.suppress ?? callIt, fn);
}

function callIt(fn: () => void): void {
  fn();
}

/** Whether nothing must be recorded for the running code. */
export function isSuppressed(): boolean {
  return isSuppressedIn(storage.getStore());
}

/** The same, where the context of the running code is known already: to ask for it is what costs. */
export function isSuppressedIn(context: ActiveContext | undefined): boolean {
  return context?.isSuppressed === true || otherManager.isSuppressed?.() === true;
}

/**
 * Calls `fn` in `context`, and with it everything asynchronous that it starts.
 * `run` and never `enterWith`, because the latter leaks into the caller.
 * @param rest `this` for `fn`, and its arguments as an array or `arguments`
 * @returns what `fn` returns; what it throws passes through
 */
export function runIn(
  context: ActiveContext | undefined,
  fn: AnyFunction,
  ...rest: [thisArg?: unknown, args?: ArrayLike<unknown>]
): unknown {
  return storage.run(context, Reflect.apply, fn, rest[0], rest[1] ?? NO_ARGUMENTS);
}
