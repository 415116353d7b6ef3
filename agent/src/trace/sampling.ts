// Where the sampler plugs in: spans know it by this alone.

import type { EntrySpan } from './span.js';

/** Asked about every local root; undefined while everything is kept, so that asking costs nothing. */
export const sampling = {
  decide: undefined as ((entry: EntrySpan, path: string) => void) | undefined,
};
