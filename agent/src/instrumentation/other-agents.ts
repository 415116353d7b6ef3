// Notices products that record the same requests, so that nobody has to wonder whom the time goes to.

import { tell } from '../self/log.js';
import type { FilePatch } from './library.js';

/** Each with the file that everybody who uses it loads. */
const PRODUCTS: readonly (readonly [packageName: string, file: string])[] = [
  ['dd-trace', 'index.js'],
  ['newrelic', 'index.js'],
  ['elastic-apm-node', 'index.js'],
  ['@sentry/node', 'build/cjs/index.js'],
];

/** They change nothing: what the others replace or wrap goes on through our hooks, and ours through theirs. */
export const OTHER_AGENTS: readonly FilePatch[] = PRODUCTS.map(([packageName, file]) => ({
  packageName,
  file,
  isForLoaded: true,
  patch: () => tell('VENTURI_A025', packageName),
}));
