// How much an application may put on one span.

import type { Config } from './config.js';
import { OPTIONS } from './options.js';

/** OpenTelemetry's span limits (https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits). */
export interface Limits {
  attributes: number;
  attributeChars: number;
  events: number;
  links: number;
  attributesPerEvent: number;
  attributesPerLink: number;
}

/**
 * Bytes of all that an application may add to one span, whatever the limits say: a length on the wire has three bytes,
 * and what waits for a collector is bounded.
 */
export const SPAN_BYTES_MAX = 1024 * 1024;

/** In force in this process; the defaults until `setLimits`. */
export const limits: Limits = {
  attributes: OPTIONS.spanAttributesMax.default,
  attributeChars: OPTIONS.spanAttributeCharsMax.default,
  events: OPTIONS.spanEventsMax.default,
  links: OPTIONS.spanLinksMax.default,
  attributesPerEvent: OPTIONS.eventAttributesMax.default,
  attributesPerLink: OPTIONS.linkAttributesMax.default,
};

/** Takes over what the options say. */
export function setLimits(config: Config): void {
  limits.attributes = config.spanAttributesMax;
  limits.attributeChars = config.spanAttributeCharsMax;
  limits.events = config.spanEventsMax;
  limits.links = config.spanLinksMax;
  limits.attributesPerEvent = config.eventAttributesMax;
  limits.attributesPerLink = config.linkAttributesMax;
}
