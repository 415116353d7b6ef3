// Starts a real MariaDB in a temporary folder.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const SERVER = 'mariadbd';
const INSTALL = 'mariadb-install-db';
const START_MS_MAX = 30_000;

/** A running server. */
export interface Mariadb {
  /** Environment variables that the fixtures read. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1, with the database `test` and a root without a password.
 * @throws where Debian's package `mariadb-server` is not installed
 */
export async function startMariadb(): Promise<Mariadb> {
  const folder = await mkdtemp(join(tmpdir(), 'venturi-agent-mariadb-'));
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  const port = await freePort();
  // MariaDB runs as root only where it is told to, and CI often is root.
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  await install(['--no-defaults', `--datadir=${data}`, ...user, ...AS_EVERYBODY]);
  const server = spawn(
    SERVER,
    [
      ...['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`, ...user],
      ...['--bind-address=127.0.0.1', '--skip-name-resolve', '--innodb-buffer-pool-size=16M'],
      ...[`--pid-file=${join(folder, 'pid')}`, '--skip-log-bin'],
    ],
    { env: withServerPath(), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await readiness(server);
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const env = {
    MYSQL_HOST: '127.0.0.1',
    MYSQL_PORT: String(port),
    MYSQL_SOCKET: socket,
    MYSQL_USER: 'root',
    MYSQL_DATABASE: 'test',
  };
  return { env, stop };
}

const AS_EVERYBODY = ['--auth-root-authentication-method=normal', '--skip-name-resolve'];

async function install(args: string[]): Promise<void> {
  try {
    await promisify(execFile)(INSTALL, args, { env: withServerPath() });
  } catch (error) {
    const isMissing = (error as { code?: unknown }).code === 'ENOENT';
    if (!isMissing) throw error;
    throw new Error(
      `${INSTALL} is not installed. These tests need a real MariaDB: apt-get install mariadb-server`,
    );
  }
}

/** Debian keeps servers where only root's PATH leads. */
function withServerPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
}

function readiness(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const refuse = (problem: string): void => {
      clearTimeout(timer);
      reject(new Error(`${SERVER} ${problem}: ${log}`));
    };
    const timer = setTimeout(refuse, START_MS_MAX, 'is not ready');
    server.once('error', (error) => refuse(error.message));
    server.once('exit', () => refuse('ended'));
    server.stderr?.on('data', (chunk) => {
      log += String(chunk);
      if (!log.includes('ready for connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
