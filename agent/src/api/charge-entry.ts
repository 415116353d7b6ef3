// Charges a request for the calls that an application's own instrumentation records.

import { SpanKind } from '../otlp/names.js';
import type { Span } from '../trace/span.js';

const DATABASE = /^db\.system(?:\.name)?$/;
const OUTGOING = /^(?:http\.(?:request\.)?method|http\.url|url\.full|rpc\.system(?:\.name)?)$/;

/**
 * Adds a call that has ended to what its request paid.
 * @param added `[name, value, ...]`; they tell a statement from an outgoing request
 */
export function chargeEntry(span: Span, added: readonly unknown[]): void {
  const { entry, kind } = span;
  if (entry === span || (kind !== SpanKind.CLIENT && kind !== SpanKind.PRODUCER)) return;
  const ms = (span.endMicros - span.startMicros) / 1000;
  if (hasName(added, DATABASE)) {
    entry.paid.dbCount++;
    entry.paid.dbMs += ms;
  } else if (hasName(added, OUTGOING)) {
    entry.paid.outCount++;
    entry.paid.outMs += ms;
  }
}

function hasName(flat: readonly unknown[], pattern: RegExp): boolean {
  for (let i = 0; i < flat.length; i += 2) if (pattern.test(flat[i] as string)) return true;
  return false;
}
