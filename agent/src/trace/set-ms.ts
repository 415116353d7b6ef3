// Sets attributes that are times.

import type { Span } from './span.js';

/** Sets an attribute in milliseconds, rounded to microseconds; zero is left out. */
export function setMs(span: Span, name: string, ms: number): void {
  const rounded = Math.round(ms * 1000) / 1000;
  if (rounded !== 0) span.setAttribute(name, rounded);
}
