// The table of support: every library that is recorded, who does it, and what that was tried with.

import { LIBRARIES, LOGGERS } from './libraries.js';
import type { Library } from './library.js';

/** One row. */
export type SupportRow = Omit<Library, 'patches'>;

/** What is recorded without a patch of files: modules of Node itself, and what a library publishes. */
const WITHOUT_PATCHES: readonly SupportRow[] = [
  {
    name: 'node:http, node:https (server)',
    versions: '*',
    poolWait: '',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'node:http, node:https (client)',
    versions: '*',
    poolWait: 'venturi.socket_wait_ms',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'node:http2 (server)',
    versions: '*',
    poolWait: '',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'console',
    versions: '*',
    poolWait: '',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'global fetch',
    versions: '*',
    poolWait: 'venturi.socket_wait_ms',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
];

/** All rows, by name. */
export const SUPPORT: readonly SupportRow[] = [...WITHOUT_PATCHES, ...LIBRARIES, ...LOGGERS].sort(
  (a, b) => (a.name < b.name ? -1 : 1),
);
