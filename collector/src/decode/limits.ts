// What the decoder is given: limits of a span or point, the clock and the counters.
import type { Clock } from '../self/clock.js';
import type { Counters } from '../self/counters.js';

export interface DecodeLimits {
  attributesMax: number;
  eventsMax: number;
  valueBytesMax: number;
  longValueBytesMax: number;
}

export interface DecodeContext {
  limits: DecodeLimits;
  clock: Clock;
  counters: Counters;
}
