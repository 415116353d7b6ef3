// Applications on frameworks: their packages are installed beside them when a test first asks, since what lies below
// node_modules is no application to a framework.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './app.js';
import { npmCi } from './npm-ci.js';

const FOLDER = join(ROOT, 'agent', 'test', 'apps');
const TIMEOUT_MS = 180_000;

/** The folder of an application whose packages are installed. */
export function frameworkApp(name: string): string {
  // npm writes the one last, and the other when a version changes.
  const installed = changedMs('node_modules', '.package-lock.json');
  if (installed < changedMs('package-lock.json')) npmCi(FOLDER);
  return join(FOLDER, name);
}

/** When a file was written, on the wall clock; 0 where there is none. */
function changedMs(...path: readonly string[]): number {
  return statSync(join(FOLDER, ...path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** A program of one of the packages. */
export function programOf(packageName: string, path: string): string {
  return join(FOLDER, 'node_modules', packageName, path);
}

/** Runs a program to its end, as an application's author would before a start. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stdout}${stderr}`);
}
