// The bytes that an outgoing call has in common with others: name, method, server, status, and the URL if it repeats.

import type { AttributeValue } from '../otlp/attribute.js';
import { ATTR } from '../otlp/names.js';
import { encodeHeading } from '../otlp/span.js';
import type { Span } from '../trace/span.js';
import type { TargetMethod } from './target.js';

const REDACTED_QUERY = '?REDACTED';
const SLASH = 0x2f;
/** A power of two. Which slot a URL falls in is decided by its length and its end; of two in one slot the later stays. */
const SLOTS = 64;
/** Status codes of one method at one origin. */
const HEADINGS_MAX = 64;

/** A URL that was called lately. */
interface Recent {
  method: TargetMethod;
  path: string;
  status: number;
  /** Made when it is called for the second time in succession, because most URLs with an id never are. */
  heading: Uint8Array | undefined;
}

const recent: (Recent | undefined)[] = new Array(SLOTS).fill(undefined);

/**
 * Sets name, method, server, status code (0 where there was no answer) and URL of a call that ends.
 * @param path with its query, as it was sent
 */
export function setHeading(span: Span, method: TargetMethod, path: string, status: number): void {
  const slot = (path.length * 7 + path.charCodeAt(path.length - 1) + status) & (SLOTS - 1);
  const known = recent[slot];
  if (
    known === undefined ||
    known.status !== status ||
    known.method !== method ||
    known.path !== path
  ) {
    recent[slot] = { method, path, status, heading: undefined };
    span.setAttribute(ATTR.urlFull, fullUrl(method.target.origin, path));
    span.heading = headingOf(method, status);
    return;
  }
  known.heading ??= encodeCall(method, status, [ATTR.urlFull, fullUrl(method.target.origin, path)]);
  span.heading = known.heading;
}

function headingOf(method: TargetMethod, status: number): Uint8Array {
  const { headings } = method;
  let heading = headings.get(status);
  if (heading === undefined) {
    heading = encodeCall(method, status, []);
    if (headings.size < HEADINGS_MAX) headings.set(status, heading);
  }
  return heading;
}

/** @param more attributes beyond those that every call of the method has, `[name, value, ...]` */
function encodeCall(
  { name, target }: TargetMethod,
  status: number,
  more: readonly AttributeValue[],
): Uint8Array {
  const flat: AttributeValue[] = [ATTR.httpRequestMethod, name, ...more];
  flat.push(ATTR.serverAddress, target.address);
  if (target.port > 0) flat.push(ATTR.serverPort, target.port);
  if (status !== 0) flat.push(ATTR.httpResponseStatusCode, status);
  return encodeHeading(name, flat);
}

/** The query is left out: secrets travel there. Through a proxy the path is a whole URL, or for CONNECT a host. */
function fullUrl(origin: string, path: string): string {
  const at = path.indexOf('?');
  const kept = at === -1 ? path : path.slice(0, at) + REDACTED_QUERY;
  if (path.charCodeAt(0) === SLASH) return origin + kept;
  if (/^https?:\/\//i.test(path)) return kept.replace(/^([^/]*\/\/)[^/?#@]*@/, '$1');
  return origin;
}
