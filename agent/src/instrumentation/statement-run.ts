// One execution of a database statement, from the call of the application to the last of the answer.

import { activeContext, isSuppressedIn } from '../context/store.js';
import { ATTR, SpanKind } from '../otlp/names.js';
import { type Meter, starts } from '../self/meter.js';
import { now } from '../trace/clock.js';
import { setMs } from '../trace/set-ms.js';
import type { ActiveContext, Span } from '../trace/span.js';
import { startSpan } from '../trace/tracer.js';
import { setCallSite } from './call-site.js';
import { type Hold, holdOf } from './connection-hold.js';
import { takeCall } from './pool-site.js';
import type { Statement } from './sql.js';
import { countCall, newCall, type StatementCall } from './statement-call.js';

/** An execution that has begun and, while its span has not ended, is to be settled. */
export class StatementRun {
  declare readonly span: Span;
  /** Where the application made the call: its callbacks belong there. */
  declare readonly caller: ActiveContext | undefined;
  declare isSubmitted: boolean;
  /** Whether the connection was busy, so that it had to wait. */
  declare isQueued: boolean;
  /** Where the connection came from a pool. */
  declare held: Hold | undefined;
  declare readonly call: StatementCall;
  /** Of the library that runs it; undefined until that has set it. */
  declare meter: Meter | undefined;

  constructor(span: Span, caller: ActiveContext | undefined, call: StatementCall) {
    this.span = span;
    this.caller = caller;
    this.isSubmitted = false;
    this.isQueued = false;
    this.held = undefined;
    this.call = call;
    this.meter = undefined;
  }
}

/**
 * Starts the span of a statement. Call it in the very call that the application makes, so that its line is on the stack.
 * @param connection the object that `Holds.begin` was told of
 * @param rest the attributes of all statements of that connection, as `encodeAttributes` returned them, and the values
 *   of this one where the library has them apart
 * @returns undefined where nothing must be recorded
 */
export function beginStatement(
  statement: Statement,
  connection: object,
  ...rest: [database: Uint8Array, values?: unknown]
): StatementRun | undefined {
  const [database, values] = rest;
  const carried = takeCall();
  const call = carried ?? newCall(statement.gate);
  const caller = carried === undefined ? call.caller : activeContext();
  if (isSuppressedIn(caller)) return undefined;
  if (!call.isCounted) countCall(call, statement, values);
  // Told the context that is known here, it need not ask for it again.
  const parent = caller ?? null;
  const span = startSpan({ name: statement.spanName, kind: SpanKind.CLIENT, parent });
  span.heading = statement.heading;
  span.commonAttributes = database;
  setCallSite(span, call.site);
  const run = new StatementRun(span, caller, call);
  run.held = holdOf(connection);
  if (call.repeat !== undefined) joinSeries(run, statement, connection);
  return run;
}

/** Two statements of one connection run one after the other anyway, but for those of Redis, which are pipelined. */
function joinSeries(run: StatementRun, statement: Statement, connection: object): void {
  const { span, call, held } = run;
  const { entry } = span;
  call.startMs = span.startMs;
  call.isRead = statement.effect === 'read' && !call.isDuplicate;
  call.takesNothing = statement.takesNothing;
  call.lane = statement.isPipelined ? undefined : (held ?? connection);
  entry.paid.series.begin(call);
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
export function settle(run: StatementRun): void {
  if (run.span.ended) return;
  const sinceMs = starts();
  end(run);
  if (sinceMs !== 0) run.meter?.ends(sinceMs);
}

function end({ span, held, call }: StatementRun): void {
  const endMs = now();
  if (held !== undefined && held.sentMs !== 0) {
    held.statementMs += endMs - held.sentMs;
    held.sentMs = 0;
  }
  span.end(endMs);
  if (span.entry === span) return;
  const { paid } = span.entry;
  paid.dbCount++;
  const ms = endMs - span.startMs;
  paid.dbMs += ms;
  const { repeat } = call;
  if (repeat === undefined) return;
  repeat.ms += ms;
  if (call.isDuplicate) {
    repeat.duplicates++;
    repeat.duplicatesMs += ms;
  }
  paid.series.end(call, endMs);
}
