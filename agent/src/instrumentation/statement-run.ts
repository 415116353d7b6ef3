// One execution of a database statement, from the call of the application to the last of the answer.

import { activeContext } from '../context/store.js';
import { ATTR, SpanKind } from '../otlp/names.js';
import { now } from '../trace/clock.js';
import { setMs } from '../trace/set-ms.js';
import type { ActiveContext, Span } from '../trace/span.js';
import { startSpan } from '../trace/tracer.js';
import { captureCallSite, setCallSite } from './call-site.js';
import { type Hold, holdOf } from './connection-hold.js';
import { takeQuery } from './pool-site.js';
import type { Statement } from './sql.js';

/** An execution that has begun and, while its span has not ended, is to be settled. */
export interface StatementRun {
  span: Span;
  /** Where the application made the call: its callbacks belong there. */
  caller: ActiveContext | undefined;
  /** Whether it was given no callback: then nothing of the application runs within the answer. */
  isAwaited: boolean;
  isSubmitted: boolean;
  /** Whether the connection was busy, so that it had to wait. */
  isQueued: boolean;
  /** Where the connection came from a pool. */
  held: Hold | undefined;
}

/**
 * Starts the span of a statement. Call it in the very call that the application makes, so that its line is on the stack.
 * @param connection the object that `Holds.begin` was told of
 * @param database the attributes of all statements of that connection, as `encodeAttributes` returned them
 */
export function beginStatement(
  statement: Statement,
  connection: object,
  database: Uint8Array,
): StatementRun {
  const caller = activeContext();
  const query = takeQuery();
  const isOpen = query === undefined && statement.gate.opens();
  const site = isOpen ? captureCallSite() : query?.site;
  const span = startSpan({ name: statement.spanName, kind: SpanKind.CLIENT });
  span.heading = statement.heading;
  span.commonAttributes = database;
  setCallSite(span, site);
  return {
    span,
    caller,
    isAwaited: query?.isAwaited === true,
    isSubmitted: false,
    isQueued: false,
    held: holdOf(connection),
  };
}

/** The statement goes to the server now. */
export function submitted(run: StatementRun): void {
  if (run.isSubmitted) return;
  run.isSubmitted = true;
  const nowMs = now();
  if (run.held !== undefined) run.held.sentMs = nowMs;
  // What it waited behind other statements of the same connection.
  if (run.isQueued) setMs(run.span, ATTR.poolWaitMs, nowMs - run.span.startMs);
}

/** Ends it with what the server, the connection or the library said went wrong. */
export function fail(run: StatementRun, error: unknown): void {
  run.span.recordException(error);
  settle(run);
}

/** Ends it and charges its entry for it. A second call does nothing. */
export function settle({ span, held }: StatementRun): void {
  if (span.ended) return;
  const endMs = now();
  if (held !== undefined && held.sentMs !== 0) {
    held.statementMs += endMs - held.sentMs;
    held.sentMs = 0;
  }
  span.end(endMs);
  if (span.entry === span) return;
  const { paid } = span.entry;
  paid.dbCount++;
  paid.dbMs += endMs - span.startMs;
}
