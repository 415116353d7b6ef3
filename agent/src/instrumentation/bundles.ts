// Looks whether the main script is a bundle with libraries inside that the agent can only record as files of their own.

import { readFileSync, statSync } from 'node:fs';
import { tell } from '../self/log.js';
import type { Library } from './library.js';

/** A script that is smaller holds no library; one that is larger would take longer to read than a start may. */
const BUNDLE_BYTES_MIN = 20 * 1024;
const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;
const ENDINGS = ['', '.js', '.mjs', '.cjs'];

/** Names them in one warning. */
export function warnOfBundled(script: string, libraries: readonly Library[]): void {
  const code = readBundle(script);
  if (code === undefined) return;
  const bundled = libraries.filter(
    ({ bundleMark: mark }) => mark !== undefined && code.includes(mark),
  );
  if (bundled.length === 0) return;
  tell('VENTURI_A008', `${bundled.map(({ name }) => name).join(', ')} (in ${script})`);
}

/** As bytes: nothing is decoded to look for ASCII. */
function readBundle(script: string): Buffer | undefined {
  for (const ending of ENDINGS) {
    try {
      const stats = statSync(script + ending);
      if (!stats.isFile()) continue;
      const isBundle = stats.size >= BUNDLE_BYTES_MIN && stats.size <= BUNDLE_BYTES_MAX;
      return isBundle ? readFileSync(script + ending) : undefined;
    } catch {
      // Node adds an ending itself, and says so where there is none that fits.
    }
  }
  return undefined;
}
