// What a worker thread of the application's is told as it starts: there a preload sees neither the main script nor, where
// the application gives the thread an environment of its own, what the agent is to do.

import { getEnvironmentData, setEnvironmentData, threadId } from 'node:worker_threads';
import type { Env } from './config.js';

/** The guard has this name too, since it imports nothing of ours. */
const KEY = 'venturi.thread';
const OURS = /^(?:VENTURI|OTEL)_/;

/** Handed from the thread that starts another. */
interface ThreadStart {
  mainScript: string;
  env: Env;
}

/** Which thread of the process this is, and what it was told; undefined in the main thread. */
export const thread: (ThreadStart & { id: number }) | undefined = take();

function take(): typeof thread {
  const told = getEnvironmentData(KEY) as unknown as ThreadStart | undefined;
  // Else a thread that is none of the application's would find it too.
  setEnvironmentData(KEY, undefined);
  return told === undefined ? undefined : { ...told, id: threadId };
}

/** The environment that the agent's options are read from. */
export function agentEnv(): Env {
  return thread?.env ?? process.env;
}

/** Has the agent run in the thread that `make` starts. */
export function withAgent<Thread>(mainScript: string, make: () => Thread): Thread {
  const env = Object.fromEntries(Object.entries(agentEnv()).filter(([name]) => OURS.test(name)));
  setEnvironmentData(KEY, { mainScript, env });
  try {
    return make();
  } finally {
    setEnvironmentData(KEY, undefined);
  }
}
