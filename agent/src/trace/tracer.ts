// Starts spans: a child of the active span where there is one, else a local root.

import { activeContext } from '../context/store.js';
import { ChildSpan } from './child-span.js';
import { sampling } from './sampling.js';
import { type ActiveContext, EntrySpan, type Span } from './span.js';
import type { RemoteParent, SpanStart } from './span-start.js';

/** How a span starts, and under what. */
export interface StartSpanOptions extends SpanStart {
  /** The span it belongs to, or a context with it; the active one where it is left out; null makes a root. */
  parent?: ActiveContext | null;
}

/**
 * Starts a span. Whoever starts it must end it.
 * @returns a child, or a new local root where there is no parent
 */
export function startSpan(options: StartSpanOptions): Span {
  const context = options.parent === undefined ? activeContext() : options.parent;
  if (context === undefined || context === null) return startEntry(options);
  const { span } = context;
  if (span !== undefined) return new ChildSpan(options, span);
  return startEntry(options, context.remote);
}

/**
 * Starts a local root, such as the span of a request that came in.
 * @param rest the caller's span, where the request named one, and the request's path
 */
export function startEntry(
  start: SpanStart,
  ...rest: [remote?: RemoteParent | undefined, path?: string]
): EntrySpan {
  const [remote, path = ''] = rest;
  const entry = new EntrySpan(start, remote);
  if (sampling.decide !== undefined) sampling.decide(entry, path);
  return entry;
}
