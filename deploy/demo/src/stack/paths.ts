// Where the demo finds the other packages and keeps its own files.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** The checkout: this file is compiled to deploy/demo/dist/src/stack/. */
export const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
export const VENTURI_COMMAND = join(ROOT, 'bin', 'venturi.mjs');
export const DASHBOARDS = join(ROOT, 'dashboards', 'generated');

/** Folder of everything that a run leaves: database, collector data and logs. Git ignores the default one. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return env.VENTURI_DEMO_DIR || join(ROOT, '.venturi');
}

/** The file that a service loads before everything else. Throws where the agent was not built. */
export function agentRegisterFile(): string {
  return require.resolve('@venturi/agent/register');
}

/** The program that ends other processes once its parent is gone. */
export function reaperFile(): string {
  const manifest = require.resolve('@venturi/collector/package.json');
  return join(manifest, '..', 'dist', 'src', 'cli', 'reaper.js');
}

/** A compiled program of the demo, by its path below src without the ending. */
export function demoProgram(path: string): string {
  return fileURLToPath(new URL(`../${path}.js`, import.meta.url));
}
