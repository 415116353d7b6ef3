// Applications on frameworks that are too large for everybody's checkout: installed when a test first asks.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './app.js';

const FOLDER = join(ROOT, 'agent', 'test', 'apps');
const TIMEOUT_MS = 180_000;

/** The folder of an application whose packages are installed. */
export function frameworkApp(name: string): string {
  if (!existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) {
    // Prisma's scripts load programs from its own servers, of which nothing here is needed.
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER });
  }
  return join(FOLDER, name);
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
