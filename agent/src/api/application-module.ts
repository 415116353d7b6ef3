// Loads packages of the application's, which the agent itself does not depend on.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { storage } from '../context/store.js';
import type { ProblemCode } from '../self/errors.js';
import { tell } from '../self/log.js';

/**
 * Loads a package as the application's main script would, or as its working directory would, or as the agent can.
 *
 * @param code of what to tell where it is not installed, or can't be loaded
 * @returns its exports, or undefined
 */
export function loadForApplication(name: string, code: ProblemCode): unknown {
  const from = [process.argv[1], join(process.cwd(), 'main'), __filename];
  // Outside of every request: what a package starts as it loads would keep that request alive.
  return storage.run(undefined, () => {
    for (const file of from) {
      if (file === undefined) continue;
      try {
        return createRequire(file)(name) as unknown;
      } catch {
        // Not there, or broken; the next may have it.
      }
    }
    tell(code, name);
    return undefined;
  });
}
