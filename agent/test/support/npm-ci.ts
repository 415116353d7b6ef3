// Installs packages that tests need and that are too large for everybody's checkout.

import { spawnSync } from 'node:child_process';

/**
 * Installs the locked versions, and runs no scripts of theirs: what these load comes from their makers' own servers, and
 * nothing of it is needed.
 * @throws with npm's words where it fails
 */
export function npmCi(folder: string, ...more: readonly string[]): void {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...more];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ci of ${folder} failed: ${stderr}`);
}
