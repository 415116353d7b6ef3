// What the calls of one http2 session have in common: where they go, over which connection, and its streams.

import type { ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type Connection, connectionOf } from './connection.js';
import { headerOf, type SentHeaders } from './http2-headers.js';
import type { Http2Internals } from './http2-probe.js';
import { Slots } from './http2-slots.js';
import { Target, targetOfOrigin } from './target.js';

/** On sockets of undici, whose calls are recorded as those of undici. */
const UNDICI = Symbol('venturi.undici');

/** Marks a socket that undici sends its requests over. */
export function markUndici(socket: object): void {
  Object.defineProperty(socket, UNDICI, { value: true, configurable: true });
}

/** Made at a session's first request. */
export class Http2Route {
  readonly slots = new Slots();
  readonly connection: Connection | undefined;
  readonly isUndici: boolean;
  readonly #authority: string;
  readonly #protocol: string;
  #target: Target | undefined;
  /** The headers that the target was found by. */
  #targetAuthority: unknown;
  #targetScheme: unknown;

  constructor(session: ClientHttp2Session, { authorityKey, protocolKey }: Http2Internals) {
    // Undefined once the session is destroyed.
    const socket = session.socket as (Socket & { [UNDICI]?: boolean }) | undefined;
    const read = (key: PropertyKey | undefined): unknown =>
      key === undefined ? undefined : (session as never as Record<PropertyKey, unknown>)[key];
    this.connection = socket === undefined ? undefined : connectionOf(socket);
    this.isUndici = socket?.[UNDICI] === true;
    this.#protocol = text(read(protocolKey)) || (session.encrypted === true ? 'https:' : 'http:');
    this.#authority = text(read(authorityKey)) || `${socket?.remoteAddress}:${socket?.remotePort}`;
  }

  /** Where a request with `headers` goes: they may name another host than the session was made for. */
  targetOf(headers: SentHeaders): Target {
    const authority = headerOf(headers, ':authority') ?? headerOf(headers, 'host');
    const scheme = headerOf(headers, ':scheme');
    if (
      this.#target !== undefined &&
      authority === this.#targetAuthority &&
      scheme === this.#targetScheme
    ) {
      return this.#target;
    }
    const protocol = scheme === undefined ? this.#protocol : `${text(scheme)}:`;
    const target = find(protocol, text(authority) || this.#authority);
    this.#target = target;
    this.#targetAuthority = authority;
    this.#targetScheme = scheme;
    return target;
  }
}

/** An IPv6 address stands in the session's authority without brackets. */
function find(protocol: string, authority: string): Target {
  const bare = /^([^[\]]*:[^[\]]*):(\d{1,5})$/.exec(authority);
  const origin = `${protocol}//${bare === null ? authority : `[${bare[1]}]:${bare[2]}`}`;
  return URL.canParse(origin) ? targetOfOrigin(origin) : new Target(protocol, authority, 0);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
