// Times how an outgoing connection comes about: name looked up, TCP connected, TLS agreed.

import net = require('node:net');

import { isSuppressed } from '../context/store.js';
import { tellHookFailure } from '../self/log.js';
import { now } from '../trace/clock.js';
import { likeOriginal } from './like-original.js';

type Emit = (this: WatchedSocket, ...args: unknown[]) => boolean;

const CONNECTION = Symbol('venturi.connection');

/** A connection to another process. Times on the monotonic clock, 0 for what has not happened or was not seen. */
export interface Connection {
  /** When `connect` was called. */
  startMs: number;
  /** Whether a name had to be looked up. */
  hasLookup: boolean;
  /** When the first address was tried: from here on the name is known. */
  attemptMs: number;
  connectedMs: number;
  securedMs: number;
  isTls: boolean;
  /** Whether a call has already been made on it. */
  isUsed: boolean;
  /** The address that was tried last, which is that of the connection: an IP address, or the path of a socket. */
  peerAddress: string;
  peerPort: number;
  /** What calls on it have in common, encoded, and the protocol version that this holds for. */
  common: Uint8Array | undefined;
  commonVersion: string;
}

interface WatchedSocket extends net.Socket {
  [CONNECTION]?: Connection;
  encrypted?: boolean;
}

/** Called before each connection is made, by whoever makes it: for what must be patched before it is used. */
export const beforeConnection = { call: undefined as (() => void) | undefined };

/** Connections by the error that they came to nothing with. */
const failures = new WeakMap<object, Connection>();
/** What `emit` was before a socket was watched. */
const INHERITED = Symbol('venturi.emit');

/**
 * Wraps `net.Socket.prototype.connect`, which runs once per connection, TLS or not. While a socket connects it has an
 * `emit` of its own: a listener could be counted, and one for all sockets would run for every piece of data.
 */
export function watchConnections(): void {
  const prototype = net.Socket.prototype as unknown as { connect: (...args: unknown[]) => unknown };
  const original = prototype.connect;
  function connect(this: WatchedSocket, ...args: unknown[]): unknown {
    watch(this);
    return Reflect.apply(original, this, args);
  }
  prototype.connect = likeOriginal(connect, original);
}

/** The connection of a socket that is connecting or connected; its times are unknown where it came from elsewhere. */
export function connectionOf(socket: net.Socket): Connection {
  const watched = socket as WatchedSocket;
  const known = watched[CONNECTION];
  if (known !== undefined) return known;
  const connection = newConnection(watched, 0);
  connection.peerAddress = socket.remoteAddress ?? '';
  connection.peerPort = socket.remotePort ?? 0;
  setHidden(watched, CONNECTION, connection);
  return connection;
}

/** The connection that an error belongs to, where it kept a socket from connecting. */
export function failedConnectionOf(error: unknown): Connection | undefined {
  return typeof error === 'object' && error !== null ? failures.get(error) : undefined;
}

function watch(socket: WatchedSocket): void {
  try {
    beforeConnection.call?.();
    if (isSuppressed()) return;
    setHidden(socket, CONNECTION, newConnection(socket, now()));
    if (Object.hasOwn(socket, 'emit')) return;
    setHidden(socket, INHERITED, socket.emit);
    setHidden(socket, 'emit', connectingEmit);
  } catch (error) {
    tellHookFailure('connection', error);
  }
}

function newConnection(socket: WatchedSocket, startMs: number): Connection {
  return {
    startMs,
    hasLookup: false,
    attemptMs: 0,
    connectedMs: 0,
    securedMs: 0,
    isTls: socket.encrypted === true,
    isUsed: false,
    peerAddress: '',
    peerPort: 0,
    common: undefined,
    commonVersion: '',
  };
}

/** Not enumerable: whoever prints or copies a socket does not see it. */
function setHidden(socket: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(socket, key, { value, configurable: true, writable: true });
}

const connectingEmit: Emit = likeOriginal(function emit(this: WatchedSocket, ...args: unknown[]) {
  const inherited = (this as unknown as { [INHERITED]: Emit })[INHERITED];
  try {
    observe(this, args);
  } catch (error) {
    tellHookFailure('connection', error);
  }
  return Reflect.apply(inherited, this, args);
}, net.Socket.prototype.emit);

function observe(socket: WatchedSocket, [event, argument, port]: unknown[]): void {
  const connection = socket[CONNECTION];
  if (connection === undefined) return;
  if (event === 'lookup') connection.hasLookup = true;
  else if (event === 'connectionAttempt') {
    if (connection.attemptMs === 0) connection.attemptMs = now();
    connection.peerAddress = typeof argument === 'string' ? argument : '';
    connection.peerPort = typeof port === 'number' ? port : 0;
  } else if (event === 'connect') {
    connection.connectedMs = now();
    if (!connection.isTls) release(socket);
  } else if (event === 'secureConnect') {
    connection.securedMs = now();
    release(socket);
  } else if (event === 'error') {
    if (typeof argument === 'object' && argument !== null) failures.set(argument, connection);
  } else if (event === 'close') release(socket);
}

/**
 * Puts the inherited `emit` back, as a property: deleting would turn the socket into a slow object on Node 24. Somebody
 * who has replaced it meanwhile keeps his own.
 */
function release(socket: WatchedSocket): void {
  if (socket.emit !== connectingEmit) return;
  socket.emit = (socket as unknown as { [INHERITED]: typeof socket.emit })[INHERITED];
}
