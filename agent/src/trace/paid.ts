// What a request paid while it was served, on its entry span.

import type { AttributeValue } from '../otlp/attribute.js';
import { ATTR } from '../otlp/names.js';
import { Repeats } from './repeats.js';
import { Series } from './series.js';

/** What a request paid, summed over its children as they end. Milliseconds and counts. */
export interface Paid {
  /** Waits for a connection that was not free. */
  poolWaitCount: number;
  poolWaitMs: number;
  poolHoldMs: number;
  dbCount: number;
  dbMs: number;
  outCount: number;
  outMs: number;
  repeats: Repeats;
  series: Series;
}

/** The beginning of every request. */
export function nothingPaid(): Paid {
  return {
    poolWaitCount: 0,
    poolWaitMs: 0,
    poolHoldMs: 0,
    dbCount: 0,
    dbMs: 0,
    outCount: 0,
    outMs: 0,
    repeats: new Repeats(),
    series: new Series(),
  };
}

/** What takes attributes: the entry span. */
interface Attributed {
  setAttribute(name: string, value: AttributeValue): void;
}

/** Sets what a request paid; what is zero is left out. */
export function setPaid(span: Attributed, paid: Paid): void {
  set(span, ATTR.poolWaitCount, paid.poolWaitCount);
  set(span, ATTR.poolWaitMs, paid.poolWaitMs);
  set(span, ATTR.poolHoldMs, paid.poolHoldMs);
  set(span, ATTR.dbCount, paid.dbCount);
  set(span, ATTR.dbMs, paid.dbMs);
  set(span, ATTR.outCount, paid.outCount);
  set(span, ATTR.outMs, paid.outMs);
  // One statement repeats nothing and waits for none.
  if (paid.dbCount > 1) setFindings(span, paid);
}

/** What the calls of a request say of the code that made them. */
function setFindings(span: Attributed, { repeats, series }: Paid): void {
  const flat = repeats.attributes();
  for (let i = 0; i < flat.length; i += 2) {
    span.setAttribute(flat[i] as string, flat[i + 1] as AttributeValue);
  }
  set(span, ATTR.serialCount, series.count);
  set(span, ATTR.serialMs, series.ms);
  set(span, ATTR.serialConfidence, series.confidence);
}

/** Counts are whole, and times are rounded to microseconds. */
function set(span: Attributed, name: string, value: number): void {
  const rounded = Math.round(value * 1000) / 1000;
  if (rounded !== 0) span.setAttribute(name, rounded);
}
