// Runs the demo as `npm start` does, in a folder of its own, and finds every process that belongs to the run.
import {
  type ChildProcess,
  type ChildProcessByStdio,
  type SpawnOptionsWithStdioTuple,
  type StdioNull,
  type StdioPipe,
  spawn,
} from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = join(ROOT, 'deploy', 'demo', 'dist', 'src', 'main.js');
const POLL_MS = 100;

export interface DemoRun {
  process: ChildProcess;
  folder: string;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>;
  /** Resolves with the first match in the output; rejects after the deadline. */
  printed(pattern: RegExp, deadlineMs: number): Promise<RegExpExecArray>;
}

/** A folder for a run's data; other users may pass, since as root the database runs as another user. */
export function demoFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'venturi-start-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Starts the demo with these switches, without a terminal. */
export function startDemo(folder: string, args: string[]): DemoRun {
  return follow(spawn(process.execPath, [MAIN, ...args], spawnOptions(folder)), folder);
}

/**
 * Starts the demo by `npm start` in a process group of its own, as a shell starts a job in a terminal: what `signal`
 * sends reaches npm, its shell and the demo at once, as Ctrl-C does.
 */
export function startByNpm(
  folder: string,
  args: string[],
): DemoRun & { signal(name: NodeJS.Signals): void } {
  const options = { ...spawnOptions(folder), detached: true };
  const child = spawn('npm', ['start', '--', ...args], options);
  return {
    ...follow(child, folder),
    signal: (name) => {
      process.kill(-(child.pid ?? Number.NaN), name);
    },
  };
}

function spawnOptions(folder: string): SpawnOptionsWithStdioTuple<StdioNull, StdioPipe, StdioPipe> {
  return {
    cwd: ROOT,
    env: { ...process.env, VENTURI_DEMO_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  };
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>, folder: string): DemoRun {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const printed = async (pattern: RegExp, deadlineMs: number): Promise<RegExpExecArray> => {
    const deadline = Date.now() + deadlineMs;
    while (Date.now() < deadline) {
      const match = pattern.exec(output);
      if (match !== null) return match;
      await delay(POLL_MS);
    }
    throw new Error(`${pattern} was not printed within ${deadlineMs} ms:\n${output}`);
  };
  return { process: child, folder, output: () => output, ended, printed };
}

/** Every living process that was started with this folder in its environment or command line. */
export function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`].some(mentions(folder)))
    .map((pid) => `${pid} ${readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
}

function mentions(folder: string): (file: string) => boolean {
  return (file) => readText(file).includes(folder);
}

/** A process may end, or be somebody else's, while it is looked at. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Waits until no process of the run is left; resolves with those that are, at the deadline. */
export async function processesLeft(folder: string, deadlineMs: number): Promise<string[]> {
  const deadline = Date.now() + deadlineMs;
  while (processesOf(folder).length > 0 && Date.now() < deadline) await delay(POLL_MS);
  return processesOf(folder);
}

/** Ends what a failed test left, by process id, and removes its folder. */
export async function cleanUp(folder: string): Promise<void> {
  for (const line of processesOf(folder)) {
    try {
      process.kill(Number.parseInt(line, 10), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  await processesLeft(folder, 5_000);
  rmSync(folder, { recursive: true, force: true });
}
