// Finds the application's main script, also where a process manager has put a script of its own before it.

import { thread } from './thread.js';

/**
 * PM2 starts its container, which then loads the application. The path of that is in the environment; of a worker of its
 * cluster mode in a variable with all the others, which the container has yet to unpack.
 */
const PM2_CONTAINER = /[\\/]pm2[\\/]lib[\\/]ProcessContainer\w*\.js$/;

/** What the decision is made from: the process itself, but for tests. */
export interface StartedBy {
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}

/** The path of the process's main script, or '' where there is none (REPL, `--eval`). */
export function mainScript({ argv, env }: StartedBy = process): string {
  if (thread !== undefined) return thread.mainScript;
  const script = argv[1] ?? '';
  if (!PM2_CONTAINER.test(script)) return script;
  return env.pm_exec_path ?? packedPath(env.pm2_env) ?? script;
}

function packedPath(packed: string | undefined): string | undefined {
  try {
    const { pm_exec_path: path } = JSON.parse(packed ?? '') as { pm_exec_path?: unknown };
    return typeof path === 'string' ? path : undefined;
  } catch {
    return undefined;
  }
}
