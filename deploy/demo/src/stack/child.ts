// One child process with an IPC channel: it says when it is ready, and it ends when the channel closes.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const READY_DEADLINE_MS = 60_000;
const ANSWER_DEADLINE_MS = 5_000;
const STOP_DEADLINE_MS = 30_000;

export interface ChildOptions {
  name: string;
  file: string;
  args?: string[];
  nodeArgs?: string[];
  env: NodeJS.ProcessEnv;
  /** Both output streams go there; its last line becomes the error when the child ends too early. */
  logFile: string;
}

/** What a child sends once it is ready; the collector adds where its engine listens. */
interface ReadyMessage {
  type: 'ready';
  url: string;
  engineUrl?: string;
}

export interface Child {
  name: string;
  process: ChildProcess;
  pid: number;
  ready: ReadyMessage;
  /** Resolves once the process has ended, whoever ended it. */
  ended: Promise<void>;
  /** Sends a command of that type, and resolves with the message of the same type that answers it. */
  ask<Answer extends { type: string }>(type: Answer['type']): Promise<Answer>;
  /** Asks it to end and waits; it is killed when it takes too long. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts a Node program and resolves once it has sent its ready message. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openSync(options.logFile, 'w');
  // Detached: Ctrl-C in a terminal reaches the parent only, which then ends its children in order.
  const child = spawn(
    process.execPath,
    [...(options.nodeArgs ?? []), options.file, ...(options.args ?? [])],
    {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = () => stopChild(child, ended);
  try {
    const ready = await waitUntilReady(child, options);
    const { name } = options;
    const ask = <Answer>(type: string) => askChild<Answer>(child, { name, type });
    return { name, process: child, pid: child.pid ?? 0, ready, ended, ask, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function waitUntilReady(child: ChildProcess, options: ChildOptions): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      reject(new Error(`${options.name} was not ready within ${READY_DEADLINE_MS / 1000} s.`));
    }, READY_DEADLINE_MS);
    const fail = (error: Error): void => {
      clearTimeout(deadline);
      reject(error);
    };
    child.once('error', fail);
    child.once('exit', () => {
      fail(new Error(lastLine(options.logFile) || `${options.name} ended before it was ready.`));
    });
    child.on('message', (message: ReadyMessage) => {
      if (message.type !== 'ready') return;
      clearTimeout(deadline);
      resolve(message);
    });
  });
}

function askChild<Answer>(
  child: ChildProcess,
  { name, type }: { name: string; type: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      child.off('message', take);
      reject(new Error(`${name} does not answer.`));
    }, ANSWER_DEADLINE_MS);
    const take = (message: { type: string }): void => {
      if (message.type !== type) return;
      clearTimeout(deadline);
      child.off('message', take);
      resolve(message as Answer);
    };
    child.on('message', take);
    child.send({ type });
  });
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined) return;
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(deadline);
}

/** The line of a log that says why its process ended; the message of it where the line is JSON. */
export function lastLine(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8')
    .split('\n')
    .map((text) => text.trim())
    // What Node prints around an error that nobody caught is of no help to a person.
    .filter((text) => text !== '' && !/^(at |Node\.js v|\}$)/.test(text));
  const line = lines.findLast((text) => /^\w*Error\b/.test(text)) ?? lines.at(-1) ?? '';
  try {
    const entry = JSON.parse(line) as { msg?: string; message?: string };
    return entry.msg ?? entry.message ?? line;
  } catch {
    return line;
  }
}
