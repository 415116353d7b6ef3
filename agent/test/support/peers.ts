// Installs products that applications bring along, once for all tests and later runs; they are large.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './app.js';
import { npmCi } from './npm-ci.js';

const MANIFESTS = join(ROOT, 'agent', 'test', 'peers');
const FILES = ['package.json', 'package-lock.json'];

/** A folder in whose node_modules they are, in the locked versions. @throws with npm's words where it fails */
export function peersFolder(): string {
  const hash = createHash('sha256').update(readFileSync(join(MANIFESTS, 'package-lock.json')));
  const cache = join(ROOT, 'node_modules', '.cache', 'venturi-peers');
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;
  // Renamed when it is whole, so that an install that was broken off is not taken for one.
  const growing = `${folder}.${process.pid}`;
  mkdirSync(growing, { recursive: true });
  for (const file of FILES) copyFileSync(join(MANIFESTS, file), join(growing, file));
  try {
    npmCi(growing, '--omit=optional');
  } catch (error) {
    rmSync(growing, { recursive: true, force: true });
    throw error;
  }
  renameSync(growing, folder);
  return folder;
}
