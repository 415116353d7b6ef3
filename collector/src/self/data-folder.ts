// The lock of the data folder: one owner, and a lock that a dead owner left is taken over.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VenturiError } from './errors.js';

/** The content of `<dataDir>/lock`. */
export interface LockContent {
  pid: number;
  /** When the process began, as the system counts it; empty where the system does not say. */
  born: string;
  /** 0 and empty until the collector listens. */
  port: number;
  url: string;
}

export interface DataFolderLock {
  /** Tells others where the owner answers. */
  announce(place: { port: number; url: string }): Promise<void>;
  /** Gives the folder free. Idempotent. */
  release(): Promise<void>;
}

/**
 * Creates the folder where it is missing and locks it. Throws DATA_DIR_LOCKED where another process
 * that lives owns it, and DATA_DIR_UNUSABLE where it can't be written.
 */
export async function lockDataFolder(folder: string): Promise<DataFolderLock> {
  const path = join(folder, 'lock');
  const content: LockContent = {
    pid: process.pid,
    born: await bornAt(process.pid),
    port: 0,
    url: '',
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!(await create(path, content))) {
      await removeStale(path);
      if (!(await create(path, content))) await refuse(path);
    }
  } catch (cause) {
    if (cause instanceof VenturiError) throw cause;
    const detail = `${folder}: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new VenturiError('DATA_DIR_UNUSABLE', { detail, cause });
  }
  let held = true;
  return {
    async announce(place) {
      const temporary = `${path}.${process.pid}`;
      await writeFile(temporary, encode({ ...content, ...place }), { mode: 0o600 });
      await rename(temporary, path);
    },
    async release() {
      if (!held) return;
      held = false;
      await rm(path, { force: true });
    },
  };
}

/** The owner of a folder that lives, or undefined. */
export async function lockOwner(folder: string): Promise<LockContent | undefined> {
  const content = parse(await readFile(join(folder, 'lock'), 'utf8').catch(() => ''));
  return content && (await isAlive(content)) ? content : undefined;
}

/** False where the lock exists already. A link appears with its content, so that nobody reads half. */
async function create(path: string, content: LockContent): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, encode(content), { mode: 0o600 });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Takes a dead owner's lock away; of several that try, one moves it and the others see a new one. */
async function removeStale(path: string): Promise<void> {
  const seen = await readFile(path, 'utf8').catch(() => '');
  const owner = parse(seen);
  if (owner && (await isAlive(owner))) await refuse(path);
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => seen);
  if (moved !== seen) {
    await rename(aside, path);
    await refuse(path);
  }
  await rm(aside, { force: true });
}

async function refuse(path: string): Promise<never> {
  const owner = parse(await readFile(path, 'utf8').catch(() => ''));
  const who = owner
    ? `process ${owner.pid}${owner.url ? ` at ${owner.url}` : ''}`
    : 'unknown process';
  throw new VenturiError('DATA_DIR_LOCKED', { detail: `${path}, ${who}` });
}

async function isAlive(owner: LockContent): Promise<boolean> {
  if (owner.pid === process.pid) return owner.born === (await bornAt(process.pid));
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const born = await bornAt(owner.pid);
  // A pid is given out again after a while; the time of birth tells the two apart.
  return born === '' || owner.born === '' || born === owner.born;
}

/** The start time in /proc/<pid>/stat, field 22, counted after the command in brackets. */
async function bornAt(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function encode(content: LockContent): string {
  return `${JSON.stringify(content)}\n`;
}

function parse(text: string): LockContent | undefined {
  try {
    const value = JSON.parse(text) as Partial<LockContent> | null;
    if (typeof value?.pid !== 'number') return undefined;
    return { pid: value.pid, born: value.born ?? '', port: value.port ?? 0, url: value.url ?? '' };
  } catch {
    return undefined;
  }
}
