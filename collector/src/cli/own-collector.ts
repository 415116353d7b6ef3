// Starts a collector for the length of one command, and ends it; it ends by itself when this process is killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirOf } from './find-collector.js';
import { collectorProgram, dashboardsFolder } from './places.js';

export interface OwnCollector {
  url: string;
  logFile: string;
  /** Closes the channel, upon which it writes what it has and ends; killed where that takes too long. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const logBytesMax = 10 * 1024 * 1024;

/** Starts a collector with this environment. Rejects with its own words where it cannot start. */
export async function startOwnCollector(env: NodeJS.ProcessEnv): Promise<OwnCollector> {
  const dataDir = dataDirOf(env);
  mkdirSync(dataDir, { recursive: true });
  const logFile = join(dataDir, 'collector.log');
  const log = openLog(logFile);
  const written = fstatSync(log).size;
  const child = spawn(process.execPath, [collectorProgram], {
    env: collectorEnv(env),
    stdio: ['ignore', log, log, 'ipc'],
    // Out of our process group: a Ctrl-C is for the user's command, and the collector judges after it.
    detached: true,
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const url = await readyUrl(child);
    return { url, logFile, stop: () => stop(child, exited) };
  } catch (error) {
    child.kill('SIGKILL');
    const said = lastMessage(logFile, written);
    throw new Error(said ?? (error instanceof Error ? error.message : String(error)));
  }
}

function collectorEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const dashboards = dashboardsFolder();
  // NODE_OPTIONS is meant for the user's command: an inspector or a loader of theirs has no business here.
  const { NODE_OPTIONS: _, ...rest } = env;
  return {
    ...(dashboards === undefined ? {} : { VENTURI_DASHBOARDS_DIR: dashboards }),
    ...rest,
    VENTURI_EXIT_WITH_PARENT: '1',
    VENTURI_PORT_SEARCH: '1',
  };
}

function openLog(file: string): number {
  const log = openSync(file, 'a');
  if (fstatSync(log).size > logBytesMax) ftruncateSync(log, 0);
  return log;
}

async function readyUrl(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('the collector was not ready in time')),
      readyTimeoutMs,
    );
    const fail = (message: string): void => {
      clearTimeout(timer);
      reject(new Error(message));
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`the collector ended with ${signal ?? code}`));
    child.on('message', (message: { type?: unknown; url?: unknown }) => {
      if (message.type !== 'ready' || typeof message.url !== 'string') return;
      clearTimeout(timer);
      resolve(message.url.replace(/\/+$/, ''));
    });
  });
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await exited;
  clearTimeout(timer);
}

/** What the collector wrote last: the message of a JSON line, or the line. */
function lastMessage(file: string, from: number): string | undefined {
  const lines = readFileSync(file).subarray(from).toString('utf8').trim().split('\n');
  const last = lines.at(-1);
  if (last === undefined || last === '') return undefined;
  try {
    const line = JSON.parse(last) as { msg?: unknown; err?: { message?: unknown } };
    const said = line.err?.message ?? line.msg;
    return typeof said === 'string' ? said : last;
  } catch {
    return last;
  }
}
