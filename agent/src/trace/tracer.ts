// Starts spans: a child of the active span where there is one, else a local root.

import { activeContext } from '../context/store.js';
import { type ActiveContext, ChildSpan, EntrySpan, type Span } from './span.js';
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
  if (context === undefined || context === null) return new EntrySpan(options, undefined);
  const { span } = context;
  if (span !== undefined) return new ChildSpan(options, span);
  return new EntrySpan(options, context.remote);
}

/**
 * Starts the span of a request that came in, always a local root.
 * @param remote the caller's span, where the request named one
 */
export function startEntry(start: SpanStart, remote?: RemoteParent): EntrySpan {
  return new EntrySpan(start, remote);
}
