// Has the agent run in the application's worker threads, and not in those that libraries start for their own ends.

import { syncBuiltinESMExports } from 'node:module';

import threads = require('node:worker_threads');

import { mainScript } from '../../config/main-script.js';
import { withAgent } from '../../config/thread.js';
import { AGENT_FOLDER } from '../../place.js';
import { toPath } from '../../trace/code-location.js';

/** Libraries whose threads run the application's code. All others, as pino's transports, run the library's. */
const POOLS = /[\\/]node_modules[\\/](?:piscina|poolifier|workerpool)[\\/]/;
const NODE_MODULES = /[\\/]node_modules[\\/]/;
/** Each thread starts the agent for itself: pools are small, and who starts a thread for each task is not made to pay. */
const THREADS_FREE = 64;
const THREAD_INTERVAL_MS = 1000;
/** With less there is hardly room for the application. */
const OLD_GENERATION_MB_MIN = 32;

let started = 0;
let nextMs = 0;

/** Replaces the constructor. Threads get the agent as they get every preload: by the arguments that they inherit. */
export function patchWorkers(): void {
  const proxy: typeof threads.Worker = new Proxy(threads.Worker, {
    construct(target, args: unknown[], newTarget) {
      const made = newTarget === proxy ? target : newTarget;
      const make = (): threads.Worker => Reflect.construct(target, args, made) as threads.Worker;
      return isApplications(args) && isSeldom() ? withAgent(mainScript(), make) : make();
    },
  });
  (threads as { Worker: unknown }).Worker = proxy;
  syncBuiltinESMExports();
}

/** Whether what a thread runs is the application's, and has room. */
export function isApplications([file, options]: readonly unknown[]): boolean {
  const { eval: isText, resourceLimits } = (options ?? {}) as threads.WorkerOptions;
  if (isText === true || (typeof file !== 'string' && !(file instanceof URL))) return false;
  if (String(file).startsWith('data:')) return false;
  const roomMb = resourceLimits?.maxOldGenerationSizeMb ?? OLD_GENERATION_MB_MIN;
  const path = toPath(String(file));
  if (roomMb < OLD_GENERATION_MB_MIN || path.startsWith(AGENT_FOLDER)) return false;
  return !NODE_MODULES.test(path) || POOLS.test(path);
}

function isSeldom(): boolean {
  if (started++ < THREADS_FREE) return true;
  const nowMs = performance.now();
  if (nowMs < nextMs) return false;
  nextMs = nowMs + THREAD_INTERVAL_MS;
  return true;
}
