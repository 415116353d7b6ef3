// Whether a request stands in the queue of its agent, because all the sockets that it allows are in use.

import type { ClientRequest } from 'node:http';

/** To be asked right after the request was made: then it is the last in its queue, if it is in one. */
export function isQueued(request: ClientRequest): boolean {
  const { agent } = request as { agent?: { requests?: unknown } | null };
  const queues = agent?.requests;
  if (typeof queues !== 'object' || queues === null) return false;
  for (const name in queues) {
    const queue = (queues as Record<string, unknown>)[name];
    if (Array.isArray(queue) && queue[queue.length - 1] === request) return true;
  }
  return false;
}
