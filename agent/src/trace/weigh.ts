// Writes the final weight of a request that is kept into its spans.

import type { Sample } from './sample.js';
import type { Segment } from './segment.js';
import { memberOf, withThreshold } from './threshold.js';

/** A request that is kept, with the threshold that it was held to in the end. */
export interface Weighed {
  sample: Sample;
  threshold: number;
  /** Its children, which have the threshold of its head. */
  segment: Segment | undefined;
}

/** @returns the tracestate of the request's own span, from the one that was passed on to others */
export function weigh({ sample, threshold, segment }: Weighed, traceState: string): string {
  if (threshold !== sample.threshold) segment?.retrace(sample.member, memberOf(threshold));
  return threshold === 0 && sample.threshold === 0
    ? traceState
    : withThreshold(traceState, threshold);
}
