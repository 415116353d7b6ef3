// Runs a fixture application in a process of its own with the agent loaded, and talks to it.

import { type ChildProcess, spawn } from 'node:child_process';
import * as http from 'node:http';
import { join, resolve } from 'node:path';
import type { FakeCollector } from './fake-collector.js';
import { waitUntil } from './fake-collector.js';

export const ROOT = join(__dirname, '..', '..', '..', '..');
const FIXTURES = join(ROOT, 'agent', 'test', 'fixtures');
/** The compiled agent. */
export const REGISTER = join(ROOT, 'agent', 'dist', 'bundle', 'register.js');

/** How a fixture is started. */
export interface AppOptions {
  /** A file of the fixtures' folder, or a path. */
  fixture: string;
  collector?: FakeCollector;
  env?: Record<string, string>;
  /** Arguments of node before the script; `--require <agent>` where it is left out. */
  nodeArgs?: string[];
  args?: string[];
  cwd?: string;
}

/** How a process ended and what it wrote. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A running fixture. A server fixture says `listening <port>` on stdout. */
export class App {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  #stdout = '';
  #stderr = '';

  constructor(options: AppOptions) {
    const nodeArgs = options.nodeArgs ?? ['--require', REGISTER];
    const script = resolve(FIXTURES, options.fixture);
    this.child = spawn(process.execPath, [...nodeArgs, script, ...(options.args ?? [])], {
      cwd: options.cwd ?? process.cwd(),
      env: { ...cleanEnv(), ...endpoint(options.collector), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.on('data', (chunk) => (this.#stdout += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.#stderr += String(chunk)));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) =>
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr }),
      );
    });
  }

  /** The port that the fixture listens on. */
  async port(): Promise<number> {
    await waitUntil(
      () => /listening \d+/.test(this.#stdout) || this.child.exitCode !== null,
      () => this.#stderr,
    );
    const match = /listening (\d+)/.exec(this.#stdout);
    if (match === null) throw new Error(`The fixture did not listen: ${this.#stderr}`);
    return Number(match[1]);
  }

  /** Sends one request and reads the whole answer. */
  async get(
    path: string,
    options: http.RequestOptions = {},
  ): Promise<{ status: number; body: string }> {
    const port = await this.port();
    return new Promise((resolve, reject) => {
      const request = http.request(
        { host: '127.0.0.1', port, path, agent: false, ...options },
        (response) => {
          let body = '';
          response.on('data', (chunk) => (body += String(chunk)));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        },
      );
      request.on('error', reject);
      request.end();
    });
  }

  /** Ends it with `signal` and waits. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    this.child.kill(signal);
    return this.ended;
  }
}

function endpoint(collector: FakeCollector | undefined): Record<string, string> {
  if (collector === undefined) return {};
  return { VENTURI_ENDPOINT: collector.url, VENTURI_FLUSH_INTERVAL_MS: '50' };
}

/** The environment without what the test runner and a surrounding agent put there. */
function cleanEnv(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(NODE_OPTIONS|NODE_TEST_CONTEXT|NODE_V8_COVERAGE|VENTURI_|OTEL_|PG)/.test(name))
      delete env[name];
  }
  return env;
}
