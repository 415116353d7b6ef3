// Sets attributes that are times.

import { roundMs } from '../otlp/round-ms.js';
import type { Span } from './span.js';

/** Sets an attribute in milliseconds, rounded to microseconds; zero is left out. */
export function setMs(span: Span, name: string, ms: number): void {
  const rounded = roundMs(ms);
  if (rounded !== 0) span.setAttribute(name, rounded);
}
