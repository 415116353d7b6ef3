// Starts the embedded ClickHouse as a child process and says where it answers.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, VenturiError } from '../self/errors.js';
import type { Log } from '../self/log.js';
import {
  DEFAULT_LIMITS,
  type EngineLimits,
  type FailedMessage,
  type FromEngine,
  type ToEngine,
} from './messages.js';
import { checkPlatform } from './platform.js';

export interface EngineOptions {
  /** The collector's data folder; the engine keeps its own in `<dataDir>/engine`. */
  dataDir: string;
  /** Port on 127.0.0.1; 0 takes any free one. */
  port: number;
  /** Take the next free port where the wanted one is taken. */
  portSearch: boolean;
  log: Log;
  limits?: Partial<EngineLimits>;
}

export interface Engine {
  /** `http://127.0.0.1:<port>`. */
  url: string;
  /** What the store sends as `venturi-key`. */
  key: string;
  pid: number;
  /** ClickHouse's version. */
  version: string;
  /** Resolves when the process is gone, however it ended; `true` where `stop` ended it. */
  exited: Promise<boolean>;
  /** Lets running inserts end, closes the data folder and ends the process. Idempotent. */
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 15_000;
/** One thread per statement in flight: with libuv's four, reads would starve inserts. */
const threadPoolSize = 16;

/**
 * Starts the engine and resolves when it answers. Throws PLATFORM_UNSUPPORTED, DATA_DIR_LOCKED,
 * DATA_DIR_UNUSABLE, PORT_TAKEN or ENGINE_FAILED.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  checkPlatform();
  const { log } = options;
  const key = randomBytes(24).toString('base64url');
  const child = fork(fileURLToPath(new URL('./server.js', import.meta.url)), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...withoutNodeOptions(process.env), UV_THREADPOOL_SIZE: String(threadPoolSize) },
    execArgv: [],
  });
  const lastLine = pipeToLog(child, log);
  let stopping = false;
  const exited = new Promise<boolean>((resolve) => {
    child.once('exit', () => resolve(stopping));
  });
  send(child, {
    type: 'init',
    dataDir: options.dataDir,
    port: options.port,
    portSearch: options.portSearch,
    key,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });
  const { port, version } = await answerOf(child, lastLine);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (!stopping) {
      stopping = true;
      send(child, { type: 'stop' });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(timer);
  };
  const url = `http://127.0.0.1:${port}`;
  return { url, key, pid: child.pid ?? 0, version, exited, stop };
}

/** NODE_OPTIONS may carry the agent or an inspector, which are meant for the user's service. */
function withoutNodeOptions(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = env;
  return rest;
}

function send(child: ChildProcess, message: ToEngine): void {
  // An error means that the process is gone, which 'exit' tells with more detail.
  child.send(message, () => undefined);
}

async function answerOf(
  child: ChildProcess,
  lastLine: () => string,
): Promise<{ port: number; version: string }> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      settle(() => reject(engineFailed(`no answer within ${startTimeoutMs} ms`)));
    }, startTimeoutMs);
    const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
      const how = signal ? `ended by ${signal}` : `exited with code ${code}`;
      settle(() => reject(engineFailed(`${how}; ${lastLine()}`)));
    };
    const onMessage = (message: FromEngine): void => {
      settle(() => (message.type === 'ready' ? resolve(message) : reject(errorOf(message))));
    };
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off('exit', onExit);
      child.off('message', onMessage);
      act();
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
    child.once('error', (cause) => settle(() => reject(engineFailed(cause.message))));
  });
}

const codes: Record<FailedMessage['reason'], ErrorCode> = {
  platform: 'PLATFORM_UNSUPPORTED',
  'folder-in-use': 'DATA_DIR_LOCKED',
  'folder-unusable': 'DATA_DIR_UNUSABLE',
  'port-taken': 'PORT_TAKEN',
  other: 'ENGINE_FAILED',
};

function errorOf(message: FailedMessage): VenturiError {
  return new VenturiError(codes[message.reason], { detail: message.detail });
}

function engineFailed(detail: string): VenturiError {
  return new VenturiError('ENGINE_FAILED', { detail });
}

/** Whatever the engine writes becomes log lines, never output of the collector. */
function pipeToLog(child: ChildProcess, log: Log): () => string {
  let last = 'it wrote nothing';
  const pipe = (stream: Readable | null): void => {
    if (!stream) return;
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() === '') return;
      last = line;
      log.warn({ line }, 'the engine wrote a line');
    });
  };
  pipe(child.stdout);
  pipe(child.stderr);
  return () => last;
}
