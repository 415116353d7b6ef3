// What a request paid while it was served, on its entry span.

import type { AttributeValue } from '../otlp/attribute.js';
import { ATTR } from '../otlp/names.js';
import type { PaidSums } from '../otlp/paid.js';
import { roundMs } from '../otlp/round-ms.js';
import { Repeats } from './repeats.js';
import { Series } from './series.js';

/**
 * What a request paid, summed over its children as they end, and how they repeat and follow each other.
 *
 * Made by a constructor, as is all that a request carries along: of an object literal V8 learns how often what it makes
 * outlives a collection, and where most do, as at a start under load, it makes all further ones in the old generation.
 * There they die unseen, and take along what they refer to: two kilobytes of every request.
 */
export class Paid implements PaidSums {
  declare loopBlockedMs: number;
  declare gcMs: number;
  declare poolWaitCount: number;
  declare poolWaitMs: number;
  declare poolHoldMs: number;
  declare dbCount: number;
  declare dbMs: number;
  declare outCount: number;
  declare outMs: number;
  declare readonly repeats: Repeats;
  declare readonly series: Series;

  constructor() {
    this.loopBlockedMs = 0;
    this.gcMs = 0;
    this.poolWaitCount = 0;
    this.poolWaitMs = 0;
    this.poolHoldMs = 0;
    this.dbCount = 0;
    this.dbMs = 0;
    this.outCount = 0;
    this.outMs = 0;
    this.repeats = new Repeats();
    this.series = new Series();
  }
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
