// What code runs in, whatever a span is.

import type { RemoteParent } from './span-start.js';

/**
 * What code runs in. A span is itself the context in which it is active and nothing else is set, because a wrapper
 * around it would cost an allocation per request; baggage and an application's own values come in layers over it.
 */
export interface ContextOf<Span> {
  /** The span that the code belongs to. */
  readonly span: Span | undefined;
  /** The parent of what starts here where that is no span of the agent's; undefined beside a `span`. */
  readonly remote: RemoteParent | undefined;
  /** Whether somebody asked that nothing is recorded here: an exporter of the application's own. */
  readonly isSuppressed: boolean;
  /** The W3C `baggage` header for calls from here; '' where there is none. */
  readonly baggage: string;
  /** The same context with `span` active in it. */
  withSpan(span: Span): ContextOf<Span>;
}

/** A span as the context in which it is active and nothing else is set. */
export abstract class ContextOfItself<Self> implements ContextOf<Self> {
  get span(): Self {
    return this as unknown as Self;
  }

  get remote(): undefined {
    return undefined;
  }

  get isSuppressed(): boolean {
    return false;
  }

  get baggage(): string {
    return '';
  }

  withSpan(span: Self): ContextOf<Self> {
    return span as unknown as ContextOf<Self>;
  }
}
