// Decides whether the agent may run in this process. Kept free of imports of ours and of new syntax: it costs nothing
// where the answer is no, and old versions of Node can read it.

import { getEnvironmentData, isMainThread } from 'node:worker_threads';

/** What the decision is made from; the process itself, but for tests. */
export interface Host {
  argv: readonly string[];
  execArgv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  nodeVersion: string;
  /** Or a thread that the agent in another has chosen: one of the application's. */
  isChosenThread: boolean;
}

/** Why the agent stays out. */
export type Refusal =
  | 'switched off'
  | 'worker thread'
  | 'old node'
  | 'tool'
  | 'test runner'
  | 'watcher';

const NODE_MAJOR_MIN = 20;
const NODE_MINOR_MIN = 19;
/** See `config/thread.ts`. */
const THREAD_KEY = 'venturi.thread';
const COPY_MARK = Symbol.for('venturi.agent.started');

/**
 * Programs that NODE_OPTIONS reaches but that are no services: package managers, compilers, runners. What they start
 * (the child in which tsx runs an application, the server behind `npm start`) is judged on its own.
 */
const TOOLS: ReadonlySet<string> = new Set([
  ...['npm', 'npm-cli', 'npx', 'npx-cli', 'yarn', 'yarnpkg', 'pnpm', 'pnpx', 'corepack'],
  ...['tsc', 'tsserver', 'tsgo', 'tsx', 'eslint', 'prettier', 'biome', 'knip', 'depcruise'],
  ...['pm2', 'pm2-dev', 'pm2-docker', 'pm2-runtime'],
  ...['nodemon', 'concurrently', 'cross-env', 'npm-run-all', 'run-s', 'run-p', 'dotenv'],
  ...['turbo', 'nx', 'lerna', 'jest', 'vitest', 'mocha', 'c8', 'nyc', 'playwright'],
  ...['webpack', 'rollup', 'esbuild', 'swc', 'husky', 'lint-staged', 'rimraf', 'venturi'],
]);

/** The script of a tool by its package, for those whose script is named after what it does and not after them. */
const TOOL_SCRIPTS =
  /[\\/](?:node_modules[\\/](?:tsx[\\/]dist[\\/]cli|npm[\\/]|pnpm[\\/]|yarn[\\/]|corepack[\\/]|typescript[\\/]|pm2[\\/]lib[\\/]Daemon\.js)|\.yarn[\\/]releases[\\/]|collector[\\/]dist[\\/]src[\\/])/;

/** @returns why the agent must not run here, or undefined where it may */
export function refusal(host: Host): Refusal | undefined {
  if (isSwitchedOff(host.env)) return 'switched off';
  if (!host.isChosenThread) return 'worker thread';
  if (isTooOld(host.nodeVersion)) return 'old node';
  if (hasAny(host.execArgv, ['--test'])) return 'test runner';
  const isWatched = host.env.WATCH_REPORT_DEPENDENCIES !== undefined;
  if (!isWatched && hasAny(host.execArgv, ['--watch', '--watch-path'])) return 'watcher';
  const script = host.argv[1];
  if (script !== undefined && isTool(script)) return 'tool';
  return undefined;
}

/** Whether the agent may run in this process; true once only, so that a second copy stays out. */
export function mayStart(): boolean {
  const { argv, execArgv, env, versions } = process;
  const isChosenThread = isMainThread || getEnvironmentData(THREAD_KEY) !== undefined;
  const host = { argv, execArgv, env, nodeVersion: versions.node, isChosenThread };
  if (refusal(host) !== undefined) return false;
  const marks = globalThis as unknown as Record<symbol, boolean | undefined>;
  if (marks[COPY_MARK] === true) return false;
  marks[COPY_MARK] = true;
  return true;
}

function isSwitchedOff(env: Host['env']): boolean {
  const enabled = env.VENTURI_ENABLED;
  if (enabled !== undefined && /^(false|0|no|off)$/i.test(enabled.trim())) return true;
  const disabled = env.OTEL_SDK_DISABLED;
  return disabled !== undefined && /^true$/i.test(disabled.trim());
}

function isTooOld(version: string): boolean {
  const parts = version.split('.').map(Number);
  const major = parts[0] as number;
  return (
    major < NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && (parts[1] as number) < NODE_MINOR_MIN)
  );
}

function hasAny(args: readonly string[], names: readonly string[]): boolean {
  return args.some((arg) => names.some((name) => arg === name || arg.startsWith(`${name}=`)));
}

function isTool(script: string): boolean {
  if (TOOL_SCRIPTS.test(script)) return true;
  const base = script.slice(Math.max(script.lastIndexOf('/'), script.lastIndexOf('\\')) + 1);
  const isBin = /[\\/](?:\.bin|bin)[\\/][^\\/]+$/.test(script);
  // Elsewhere a file may be called what it likes: `src/dotenv.js` can be anybody's service.
  return isBin && TOOLS.has(base.replace(/\.(?:c|m)?js$/, ''));
}
