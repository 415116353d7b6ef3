// Lets OpenTelemetry's instrumentations record the libraries that the agent has no hooks for, on the agent's own tracer.

import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { LibraryName } from '../config/disabled-libraries.js';
import { mainScript } from '../config/main-script.js';
import { tell } from '../self/log.js';
import { isEsModule, startingPoints } from './application-module.js';
import { CONTRIB_PREFIX, installedInstrumentations } from './installed-instrumentations.js';

const LOADER = '@opentelemetry/instrumentation/hook.mjs';

/**
 * What the agent records itself: with both, each call would be two spans. Of connections (`net`, `dns`) it records the
 * parts of the call that they belong to.
 */
const OURS: ReadonlySet<string> = new Set(
  [
    ...['http', 'undici', 'express', 'fastify', 'koa', 'router', 'connect', 'net', 'dns'],
    ...['pg', 'mysql2', 'mongodb', 'redis', 'redis-4', 'ioredis'],
    ...['pino', 'winston', 'runtime-node'],
  ].map((name) => CONTRIB_PREFIX + name),
);
/** Instrumentations whose names are not their library's. */
const ALIASES: Readonly<Record<string, LibraryName>> = { 'redis-4': 'redis', router: 'express' };

/**
 * Makes all that are installed beside the application, which switches them on. Call when the API is served and the
 * hooks are installed, and before the application loads.
 * @param disabled libraries that the agent leaves alone, so that they may record them
 */
export function startLongTail(disabled: ReadonlySet<LibraryName>): void {
  // First, because an instrumentation asks for its modules' hooks as it is made.
  if (isEsModule(mainScript())) hookImports();
  const isOurs = (instrumentation: string): boolean => {
    const name = instrumentation.slice(CONTRIB_PREFIX.length);
    return !disabled.has((ALIASES[name] ?? name) as LibraryName);
  };
  const made = installedInstrumentations(new Set([...OURS].filter(isOurs)));
  if (made.length === 0) tell('VENTURI_A032', startingPoints().join(', '));
}

/** Their hooks see what is required, and what ES modules import only through a loader of their own. */
function hookImports(): void {
  for (const file of startingPoints()) {
    try {
      register(pathToFileURL(createRequire(file).resolve(LOADER)).href);
      return;
    } catch {
      // Not there; the next may have it.
    }
  }
}
