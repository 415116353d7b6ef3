// Installs the hooks of every library that the agent knows.

import type { LibraryName } from '../config/disabled-libraries.js';
import { mainScript } from '../config/main-script.js';
import { thread } from '../config/thread.js';
import { logging } from '../logs/forward.js';
import { tellHookFailure } from '../self/log.js';
import { warnOfBundled } from './bundles.js';
import { watchConnections } from './connection.js';
import { LIBRARIES, LOGGERS, switchOf } from './libraries.js';
import type { FilePatch } from './library.js';
import { patchMessageEvents } from './message-events.js';
import { hookModules } from './module-hook.js';
import { patchConsole } from './modules/console.js';
import { patchFastify } from './modules/fastify.js';
import { patchFetch } from './modules/fetch.js';
import { patchHttpClient } from './modules/http-client.js';
import { patchHttpServer } from './modules/http-server.js';
import { patchHttp2Client } from './modules/http2-client.js';
import { patchHttp2Server } from './modules/http2-server.js';
import { watchUncaught } from './modules/uncaught.js';
import { patchWorkers } from './modules/worker-threads.js';
import { OTHER_AGENTS } from './other-agents.js';

/** What is hooked, and what is not. */
interface HookOptions {
  /** Of files that belong to no library of ours. */
  patches: readonly FilePatch[];
  /** Whether the agent goes along into worker threads. */
  followsWorkers: boolean;
  /** Libraries that are left alone. */
  disabled: ReadonlySet<LibraryName>;
}

/** Installs all hooks. One that fails is reported and the others go on. Call once, before the application loads. */
export function installHooks({ patches, followsWorkers, disabled }: HookOptions): void {
  const unless = (name: LibraryName, patch: () => void): void => {
    if (!disabled.has(name)) install(name, patch);
  };
  install('http server', patchHttpServer);
  unless('http2', patchHttp2Server);
  install('connection', watchConnections);
  install('http messages', patchMessageEvents);
  unless('http-client', patchHttpClient);
  unless('http2-client', patchHttp2Client);
  unless('fetch', patchFetch);
  unless('fastify', patchFastify);
  install('uncaught', watchUncaught);
  if (followsWorkers) install('worker threads', patchWorkers);
  if (logging.forwards) unless('console', patchConsole);
  const libraries = [...LIBRARIES, ...(logging.correlates ? LOGGERS : [])].filter(
    (library) => !disabled.has(switchOf(library)),
  );
  // What the main thread has told of its script need not be told again.
  if (thread === undefined) install('bundles', () => warnOfBundled(mainScript(), libraries));
  install('modules', () => hookModules(libraries, [...OTHER_AGENTS, ...patches]));
}

function install(name: string, patch: () => void): void {
  try {
    patch();
  } catch (error) {
    tellHookFailure(name, error);
  }
}
