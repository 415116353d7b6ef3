// Takes the route of a request from the attributes of spans that a framework makes through OpenTelemetry's API.

import { ATTR } from '../otlp/names.js';
import type { Span } from '../trace/span.js';

/**
 * Next.js puts it on the spans that it makes below the request as soon as it has found the route; the request's own
 * span it tells only after the answer, which may be too late.
 */
const NEXT_ROUTE = 'next.route';

/** Names the request of `own` where the attribute says its route. */
export function takeRoute(own: Span, name: string, value: unknown): void {
  if (name !== ATTR.httpRoute && name !== NEXT_ROUTE) return;
  const { entry } = own;
  if (entry.ended || entry.method === '' || typeof value !== 'string') return;
  // Elsewhere than on the request's own span, `http.route` may be that of a part of the application.
  const isToldOfRequest = name === ATTR.httpRoute && own === entry;
  const isFirst = name === NEXT_ROUTE && entry.route === '';
  if (isToldOfRequest || isFirst) entry.route = value;
}
