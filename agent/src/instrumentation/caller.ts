// What requests of one connection have in common, encoded once: who asks, and where.

import { ATTR } from '../otlp/names.js';
import { encodeAttributes } from '../otlp/span.js';

const HOSTS_MAX = 256;
const CALLER = Symbol('venturi.caller');

/** Where a request came from, and how it named its destination; '' where a header is missing. */
export interface CallerHeaders {
  method: string;
  host: string;
  userAgent: string;
  forwardedFor: string;
}

/** The latest caller of a connection. Behind a proxy one connection serves many. */
interface Caller extends CallerHeaders {
  attributes: Uint8Array;
}

/** The ends of a connection: a socket, or what is known of one. */
export interface CallerConnection {
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  [CALLER]?: Caller;
}

interface HostAddress {
  address: string;
  port: number;
}

const hosts = new Map<string, HostAddress>();

/**
 * The attributes of method, scheme, addresses and user agent, encoded. They are the same bytes as long as the requests
 * of a connection agree in them, as those of a keep-alive client do.
 */
export function callerAttributes(
  socket: CallerConnection,
  headers: CallerHeaders,
  scheme: 'http' | 'https',
): Uint8Array {
  const known = socket[CALLER];
  if (
    known !== undefined &&
    known.method === headers.method &&
    known.host === headers.host &&
    known.userAgent === headers.userAgent &&
    known.forwardedFor === headers.forwardedFor
  ) {
    return known.attributes;
  }
  const { method, host, userAgent, forwardedFor } = headers;
  const attributes = encodeAttributes([
    ATTR.httpRequestMethod,
    method,
    ATTR.urlScheme,
    scheme,
    ...addresses(socket, headers),
    ...(userAgent === '' ? [] : [ATTR.userAgent, userAgent]),
  ]);
  socket[CALLER] = { method, host, userAgent, forwardedFor, attributes };
  return attributes;
}

function addresses(
  socket: CallerConnection,
  { host, forwardedFor }: CallerHeaders,
): (string | number)[] {
  const flat: (string | number)[] = [];
  if (host !== '') {
    const { address, port } = hosts.get(host) ?? addHost(host);
    flat.push(ATTR.serverAddress, address);
    const actual = port === 0 ? (socket.localPort ?? 0) : port;
    if (actual !== 0) flat.push(ATTR.serverPort, actual);
  }
  const client =
    forwardedFor === '' ? socket.remoteAddress : (forwardedFor.split(',', 1)[0] as string).trim();
  if (client !== undefined && client !== '') flat.push(ATTR.clientAddress, client);
  // Which proxy it came through; without one the client is the peer.
  const peer = socket.remoteAddress;
  if (peer !== undefined && peer !== client) flat.push(ATTR.peerAddress, peer);
  return flat;
}

/** Splits `example.com:8080` and `[::1]:8080`. The Host header is the client's word, so the map is bounded. */
function addHost(host: string): HostAddress {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(host);
  const address = match?.[1] ?? match?.[2] ?? host;
  const parsed = { address, port: Number(match?.[3] ?? 0) };
  if (hosts.size >= HOSTS_MAX) hosts.clear();
  hosts.set(host, parsed);
  return parsed;
}
