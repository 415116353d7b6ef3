// What a request paid while it was served, on its entry span.

import type { AttributeValue } from '../otlp/attribute.js';
import { ATTR } from '../otlp/names.js';
import type { PaidSums } from '../otlp/paid.js';
import { roundMs } from '../otlp/round-ms.js';
import { Repeats } from './repeats.js';
import { Series } from './series.js';

/** What a request paid, summed over its children as they end, and how they repeat and follow each other. */
export type Paid = { -readonly [Sum in keyof PaidSums]: number } & {
  repeats: Repeats;
  series: Series;
};

/** The beginning of every request. */
export function nothingPaid(): Paid {
  return {
    loopBlockedMs: 0,
    gcMs: 0,
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

/** What the calls of a request say of the code that made them. */
export function setFindings(span: Attributed, { dbCount, repeats, series }: Paid): void {
  // One statement repeats nothing and waits for none.
  if (dbCount <= 1) return;
  const flat = repeats.attributes();
  for (let i = 0; i < flat.length; i += 2) {
    span.setAttribute(flat[i] as string, flat[i + 1] as AttributeValue);
  }
  if (series.count === 0) return;
  span.setAttribute(ATTR.serialCount, series.count);
  span.setAttribute(ATTR.serialMs, roundMs(series.ms));
  span.setAttribute(ATTR.serialConfidence, series.confidence);
}
