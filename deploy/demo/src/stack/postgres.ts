// A real PostgreSQL from an npm package, in a folder of its own, that lives as long as the demo.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { chown, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { lastLine } from './child.js';
import { locatePostgres, type PostgresPlace } from './postgres-place.js';
import { endWithUs } from './reaper.js';

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;
const POLL_MS = 50;

/** A demo's data may be lost in a power cut; in return the disk is left alone. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '64MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
};

export interface Postgres {
  pid: number;
  /** Connection string of the shop's database. */
  url: string;
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL on a free port, creating its folder below `stateFolder` the first time. */
export async function startPostgres(stateFolder: string): Promise<Postgres> {
  const place = await locatePostgres(stateFolder);
  await waitForEarlierOne(place.dataFolder);
  await createCluster(place);
  const port = await freePort();
  const logFile = join(stateFolder, 'postgres.log');
  const server = startServer(place, { port, logFile });
  const forgive = endWithUs(server.pid ?? 0, 'SIGINT');
  const ended = once(server, 'exit').then(() => forgive());
  const stop = () => stopServer(server, ended);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  try {
    await waitUntilUp(url, { server, logFile });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: server.pid ?? 0, url, ended, stop };
}

/** A server that a killed demo left may still be ending: two on one folder are refused, so wait for it. */
async function waitForEarlierOne(dataFolder: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  const deadline = Date.now() + STOP_DEADLINE_MS;
  while (existsSync(pidFile) && isAlive(Number.parseInt(readFileSync(pidFile, 'utf8'), 10))) {
    if (Date.now() > deadline) {
      throw new Error(`Another PostgreSQL uses ${dataFolder}: end it, or set VENTURI_DEMO_DIR.`);
    }
    await delay(POLL_MS);
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** initdb works in a folder beside the final one, so that an interrupted one is never taken for a whole. */
async function createCluster({ binFolder, dataFolder, identity }: PostgresPlace): Promise<void> {
  if (existsSync(join(dataFolder, 'PG_VERSION'))) return;
  const partial = `${dataFolder}.partial`;
  await rm(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  if (identity.uid !== undefined) await chown(partial, identity.uid, identity.gid ?? identity.uid);
  const args = [
    `--pgdata=${partial}`,
    '--auth=trust',
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const initdb = spawn(join(binFolder, 'initdb'), args, {
    ...identity,
    cwd: dirname(dataFolder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  initdb.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const [code] = (await once(initdb, 'close')) as [number | null];
  if (code !== 0) throw new Error(`PostgreSQL could not be set up: ${complaints.trim()}`);
  await rm(dataFolder, { recursive: true, force: true });
  await rename(partial, dataFolder);
}

function startServer(
  { binFolder, dataFolder, identity }: PostgresPlace,
  { port, logFile }: { port: number; logFile: string },
): ChildProcess {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'w');
  const server = spawn(
    join(binFolder, 'postgres'),
    ['-D', dataFolder, '-p', String(port), ...settings],
    { ...identity, cwd: dataFolder, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  return server;
}

async function waitUntilUp(
  url: string,
  { server, logFile }: { server: ChildProcess; logFile: string },
): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (server.exitCode === null && Date.now() < deadline) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await delay(POLL_MS);
    }
  }
  throw new Error(`PostgreSQL did not start: ${lastLine(logFile)}`);
}

/** SIGINT is PostgreSQL's fast shutdown: it ends open sessions and stops cleanly. */
async function stopServer(server: ChildProcess, ended: Promise<void>): Promise<void> {
  server.kill('SIGINT');
  const deadline = setTimeout(() => server.kill('SIGQUIT'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(deadline);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}
