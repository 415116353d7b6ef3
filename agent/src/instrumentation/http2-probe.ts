// Gets hold of what node:http2 does not export: the prototype of client sessions, and where they keep their authority.

import type { ClientHttp2Session } from 'node:http2';

/** No such name exists, so that the properties that hold it are found by their values. */
const AUTHORITY = 'venturi.invalid:1';
const PROTOCOL = 'http:';

/** What is needed of a build of Node to follow its http2 clients. */
export interface Http2Internals {
  /** Where `request` is defined. */
  prototype: ClientHttp2Session;
  /** Of a session: the host and port that it was made for. */
  authorityKey: PropertyKey | undefined;
  /** Of a session: `http:` or `https:`. */
  protocolKey: PropertyKey | undefined;
  /** Whether `request` takes headers as a list of names and values too; older ones take the list for an object. */
  takesLists: boolean;
}

/**
 * Makes a session over a socket that never connects, and looks at it. A replaced `http2.connect` would not do: an ES
 * module's `import { connect }` gets Node's own, and to load node:http2 only to replace it costs each start 5 MB.
 * @param http2 the module, loaded by whoever uses it
 */
export function probeHttp2(http2: typeof import('node:http2')): Http2Internals {
  const session = http2.connect(`${PROTOCOL}//${AUTHORITY}`, {
    createConnection: () => new UnconnectedSocket() as never,
  });
  try {
    const keys = Object.getOwnPropertySymbols(session);
    const keyOf = (value: string): PropertyKey | undefined =>
      keys.find((key) => (session as never as Record<PropertyKey, unknown>)[key] === value);
    const prototype = Object.getPrototypeOf(session) as ClientHttp2Session;
    return {
      prototype,
      authorityKey: keyOf(AUTHORITY),
      protocolKey: keyOf(PROTOCOL),
      takesLists: takesLists(prototype.request, session),
    };
  } finally {
    session.destroy();
  }
}

/** Names are checked before options, and both before anything is made: the error tells what was taken for a name. */
function takesLists(request: ClientHttp2Session['request'], session: object): boolean {
  try {
    Reflect.apply(request, session, [[':no-such-header', ''], 1]);
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_HTTP2_INVALID_PSEUDOHEADER';
  }
  return false;
}

/** As much of a socket as a session asks for before there is a connection. */
class UnconnectedSocket {
  readonly _handle = { isStreamBase: true };
  readonly connecting = true;
  /** So that the session waits for nothing when it is destroyed. */
  readonly destroyed = true;

  on(): this {
    return this;
  }

  once(): this {
    return this;
  }
}
