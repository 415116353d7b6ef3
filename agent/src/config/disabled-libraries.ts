// Which libraries are to be left alone, though the agent has hooks for them.

import { tell } from '../self/log.js';

/** Hooks that can be left out, by the name of their library. Requests that come in are always recorded. */
export const LIBRARY_NAMES = [
  ...(['http-client', 'http2', 'http2-client', 'fetch', 'undici'] as const),
  ...(['express', 'fastify', 'koa'] as const),
  ...(['pg', 'pg-pool', 'mysql2', 'mongodb', 'ioredis', 'redis'] as const),
  ...(['pino', 'winston', 'console'] as const),
];

/** One of the table. */
export type LibraryName = (typeof LIBRARY_NAMES)[number];

/** Reads names separated by commas; those of no library of ours are told of. */
export function readDisabled(text: string): ReadonlySet<LibraryName> {
  const names = text.split(',').map((name) => name.trim());
  const isKnown = (name: string): name is LibraryName =>
    (LIBRARY_NAMES as readonly string[]).includes(name);
  const unknown = names.filter((name) => name !== '' && !isKnown(name));
  if (unknown.length > 0)
    tell('VENTURI_A009', `${unknown.join(', ')} (${LIBRARY_NAMES.join(', ')})`);
  return new Set(names.filter(isKnown));
}
