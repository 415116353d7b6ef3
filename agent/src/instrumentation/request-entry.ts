// Ties Node's request and response objects to their entry span, so that frameworks find it without the context.

import type { EntrySpan } from '../trace/span.js';

/** Exported for hooks that look at every event: through a function of many callers V8 forgets the shapes of objects. */
export const ENTRY = Symbol('venturi.entry');

/** A request or response of an instrumented server, or any other emitter. */
export interface Tied {
  [ENTRY]?: EntrySpan;
}

/** The entry span of a request or response of an instrumented server. */
export function entryOf(message: object): EntrySpan | undefined {
  return (message as Tied)[ENTRY];
}
