// Runs a small service under `venturi run` as its author would, puts a short load on it and reads the verdict.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '@venturi/collector/schema';
import { cleanUp, processesLeft, ROOT } from './demo-run.js';

export interface ServiceRun {
  /** Folder below test/apps in which the command runs. */
  app: string;
  /** The command, such as `['node', 'server.cjs']`. */
  command: string[];
  env?: Record<string, string>;
  /** Asks the service; `url` is where it listens. */
  load(url: string): Promise<void>;
}

export interface Outcome {
  /** What the service wrote, and nothing else. */
  stdout: string;
  stderr: string;
  code: number | null;
  verdict: Verdict;
  /** Processes that were still there some seconds after the end. */
  left: string[];
}

const startDeadlineMs = 60_000;
const endDeadlineMs = 60_000;

/** Runs it until the load is through, ends it with SIGTERM and cleans up after it. */
export async function runService(run: ServiceRun): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'venturi-run-'));
  const json = join(folder, 'verdict.json');
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bin', 'venturi.mjs'), 'run', '--json', json, '--', ...run.command],
    {
      cwd: join(ROOT, 'test', 'apps', run.app),
      env: { ...cleanEnv(), ...run.env, ...(await ownPlace(folder)) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    await run.load(await listening(output, ended));
    const code = await endOf(child, ended);
    const verdict = JSON.parse(readFileSync(json, 'utf8')) as Verdict;
    return { ...output, code, verdict, left: await processesLeft(folder, 10_000) };
  } catch (error) {
    throw new Error(`${String(error)}\n${output.stdout}\n${output.stderr}`, { cause: error });
  } finally {
    child.kill('SIGKILL');
    await cleanUp(folder);
  }
}

/** Asks for each path once, `concurrency` at a time, and expects 200. */
export async function ask(paths: string[], concurrency: number): Promise<void> {
  const waiting = [...paths];
  const worker = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const response = await fetch(path);
      await response.text();
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** This process's environment without what would reach the service under test. */
export function cleanEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VENTURI|OTEL|NODE)_/.test(name));
  return Object.fromEntries(kept);
}

/** Below those that systems give to outgoing connections, one of which could take the port before the service does. */
const portMin = 15_000;
const ports = 15_000;

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = portMin + Math.floor(Math.random() * ports);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

async function ownPlace(folder: string): Promise<Record<string, string>> {
  const port = String(await freePort());
  return { VENTURI_DATA_DIR: folder, VENTURI_PORT: port, VENTURI_ENGINE_PORT: '0' };
}

/** Waits until a service has printed `listening <port>`; resolves with its URL. */
export async function listening(
  output: { stdout: string },
  ended: Promise<unknown>,
): Promise<string> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const deadline = Date.now() + startDeadlineMs;
  while (!over && Date.now() < deadline) {
    const port = /listening (\d+)\n/.exec(output.stdout)?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
    await delay(50);
  }
  throw new Error('the service did not listen');
}

async function endOf(child: ChildProcess, ended: Promise<number | null>): Promise<number | null> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endDeadlineMs);
  const code = await ended;
  clearTimeout(timer);
  return code;
}
