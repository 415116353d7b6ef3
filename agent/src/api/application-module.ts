// Loads packages of the application's, which the agent itself does not depend on.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { mainScript } from '../config/main-script.js';
import { storage } from '../context/store.js';
import { AGENT_FOLDER } from '../place.js';
import type { ProblemCode } from '../self/errors.js';
import { tell } from '../self/log.js';

/** Files from which the application's packages are looked for, the application's own first. */
export function startingPoints(): string[] {
  const main = mainScript();
  const own = [join(process.cwd(), 'main'), join(AGENT_FOLDER, 'main')];
  return main === '' ? own : [main, ...own];
}

/** Whether Node takes a script for an ES module, by its ending or by the package that it is in. */
export function isEsModule(script: string): boolean {
  if (/\.[cm][jt]s$/.test(script)) return /\.m[jt]s$/.test(script);
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    try {
      const text = readFileSync(join(folder, 'package.json'), 'utf8');
      return (JSON.parse(text) as { type?: unknown }).type === 'module';
    } catch {
      // None here, or none that can be read.
    }
    if (dirname(folder) === folder) return false;
  }
}

/**
 * Loads a package as the application's main script would, or as its working directory would, or as the agent can.
 *
 * @param code of what to tell where it is not installed, or can't be loaded; undefined where nobody need know
 * @returns its exports, or undefined
 */
export function loadForApplication(name: string, code: ProblemCode | undefined): unknown {
  // Outside of every request: what a package starts as it loads would keep that request alive.
  return storage.run(undefined, () => {
    for (const file of startingPoints()) {
      try {
        return createRequire(file)(name) as unknown;
      } catch {
        // Not there, or broken; the next may have it.
      }
    }
    if (code !== undefined) tell(code, name);
    return undefined;
  });
}

/**
 * Loads what a package of the application's depends on: the copy that it uses itself.
 *
 * @throws where it can't be found
 */
export function loadForPackage(packageName: string, dependency: string): unknown {
  for (const file of startingPoints()) {
    const require = createRequire(file);
    try {
      require.resolve(packageName);
    } catch {
      continue;
    }
    return createRequire(require.resolve(packageName))(dependency);
  }
  throw new Error(`${packageName} is not installed`);
}
