// What an application adds to a span through OpenTelemetry's API, as the span itself needs to know it.

import type { SpanKindValue } from '../otlp/names.js';
import type { SpanAdditions } from '../otlp/span-additions.js';

/** Kept beside the span, so that a span that no application touches is none the bigger. */
export interface Additions extends SpanAdditions {
  /** The name that the application gave it, which no route may replace; undefined where it gave none. */
  readonly newName: string | undefined;
  /** A span starts inside this one. */
  adopted(child: { kind: SpanKindValue }): void;
  /** The span has its last name and attributes and is about to be encoded. */
  ending(): void;
}
