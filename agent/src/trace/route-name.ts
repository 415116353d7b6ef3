// The name of a request's span, its method and route, and the bytes that all spans of one route have in common.

import type { AttributeValue } from '../otlp/attribute.js';
import { ATTR } from '../otlp/names.js';
import { encodeHeading } from '../otlp/span.js';

/** Both bounds are against paths that somebody took for routes. */
const ROUTES_MAX = 512;
const HEADINGS_PER_NAME_MAX = 64;

/** One method of one route. */
export class RouteName {
  /** `GET /orders/:id`, or `GET` where no route is known. */
  readonly text: string;
  readonly #route: string;
  /** By status code. */
  readonly #headings = new Map<number, Uint8Array>();

  constructor(method: string, route: string) {
    this.text = route === '' ? method : `${method} ${route}`;
    this.#route = route;
  }

  /** Name, route and status code (0 where there was no answer), encoded. */
  heading(httpStatus: number): Uint8Array {
    const known = this.#headings.get(httpStatus);
    if (known !== undefined) return known;
    const attributes: AttributeValue[] = [];
    if (this.#route !== '') attributes.push(ATTR.httpRoute, this.#route);
    if (httpStatus !== 0) attributes.push(ATTR.httpResponseStatusCode, httpStatus);
    const heading = encodeHeading(this.text, attributes);
    if (this.#headings.size < HEADINGS_PER_NAME_MAX) this.#headings.set(httpStatus, heading);
    return heading;
  }
}

/** By route, then by method. */
const names = new Map<string, Map<string, RouteName>>();

/** Looks a name up, or makes it. */
export function routeName(method: string, route: string): RouteName {
  let byMethod = names.get(route);
  if (byMethod === undefined) {
    if (names.size >= ROUTES_MAX) names.clear();
    byMethod = new Map();
    names.set(route, byMethod);
  }
  let name = byMethod.get(method);
  if (name === undefined) {
    if (byMethod.size >= ROUTES_MAX) byMethod.clear();
    name = new RouteName(method, route);
    byMethod.set(method, name);
  }
  return name;
}
