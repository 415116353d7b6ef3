// Takes an outgoing call apart: parts that lie end to end and add up to the span's duration.

import { ATTR } from '../otlp/names.js';
import { setMs } from '../trace/set-ms.js';
import type { Span } from '../trace/span.js';
import type { Connection } from './connection.js';

/** Below this a socket was at hand; Node gives it in the next tick. */
export const SOCKET_WAIT_MS_MIN = 2;
/** Below this the request was sent at once, and its time counts as waiting for the answer. */
const SEND_MS_MIN = 1;

/** What is known of a call when it ends. Times on the monotonic clock, 0 for what has not happened. */
export interface CallTimes {
  readonly span: Span;
  readonly connection: Connection | undefined;
  readonly isReused: boolean;
  /** Whether it stood in its agent's or pool's queue. */
  readonly isQueued: boolean;
  /** Whether the loop has turned before there was a socket: a late one may be the fault of code that was running. */
  readonly hasIdled: boolean;
  readonly socketMs: number;
  readonly sentMs: number;
  readonly firstByteMs: number;
}

/** Sets the attributes of the parts. The part that a failure came in lasts to the end. */
export function setParts(call: CallTimes, endMs: number): void {
  const { span, connection } = call;
  if (connection === undefined) {
    tile(span, ATTR.socketWaitMs, span.startMs, endMs);
    return;
  }
  const isNew = !call.isReused && connection.startMs > 0;
  let atMs = wait(call, Math.min(isNew ? connection.startMs : call.socketMs, endMs));
  if (isNew) {
    atMs = connecting(span, connection, atMs, endMs);
    if (connection.connectedMs === 0 || (connection.isTls && connection.securedMs === 0)) return;
  }
  const { sentMs, firstByteMs } = call;
  const answeredMs = firstByteMs === 0 ? endMs : Math.min(firstByteMs, endMs);
  if (sentMs - atMs >= SEND_MS_MIN)
    atMs = tile(span, ATTR.sendMs, atMs, Math.min(sentMs, answeredMs));
  atMs = tile(span, ATTR.ttfbMs, atMs, answeredMs);
  tile(span, ATTR.bodyMs, atMs, endMs);
}

/** @returns where the next part begins: still at the start where the wait is not worth telling */
function wait({ span, isQueued, hasIdled }: CallTimes, untilMs: number): number {
  const { startMs } = span;
  const waitMs = untilMs - startMs;
  if (waitMs < SOCKET_WAIT_MS_MIN || !(isQueued || hasIdled)) return startMs;
  return tile(span, ATTR.socketWaitMs, startMs, untilMs);
}

function connecting(span: Span, connection: Connection, fromMs: number, endMs: number): number {
  const { attemptMs, connectedMs, securedMs } = connection;
  if (attemptMs === 0 && connectedMs === 0) return tile(span, ATTR.dnsMs, fromMs, endMs);
  let atMs = fromMs;
  if (connection.hasLookup) atMs = tile(span, ATTR.dnsMs, atMs, Math.min(attemptMs, endMs));
  if (connectedMs === 0) return tile(span, ATTR.connectMs, atMs, endMs);
  atMs = tile(span, ATTR.connectMs, atMs, Math.min(connectedMs, endMs));
  if (!connection.isTls) return atMs;
  return tile(span, ATTR.tlsMs, atMs, securedMs === 0 ? endMs : Math.min(securedMs, endMs));
}

function tile(span: Span, name: string, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return fromMs;
  setMs(span, name, toMs - fromMs);
  return toMs;
}
