// A process of the bench with an IPC channel: asked, answering, and ended by pid.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const askMsMax = 120_000;

/** Starts `service/<file>` and waits until it has sent its first message, which is `hello`. */
export async function startChild(file, { node = process.execPath, args = [], env = {}, cwd } = {}) {
  const script = fileURLToPath(new URL(`../service/${file}`, import.meta.url));
  const child = new Child(
    spawn(node, [...args, script], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env },
      cwd,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    }),
  );
  return child;
}

export class Child {
  #process;
  #stderr = '';
  #waiting = [];
  #unread = [];

  constructor(process) {
    this.#process = process;
    process.stderr.on('data', (chunk) => (this.#stderr = (this.#stderr + chunk).slice(-4000)));
    process.on('message', (message) => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#unread.push(message);
      else next.resolve(message);
    });
    process.on('exit', (code) => {
      for (const { reject } of this.#waiting) reject(new Error(`exit ${code}: ${this.#stderr}`));
    });
  }

  get pid() {
    return this.#process.pid;
  }

  /** The next message. */
  next() {
    if (this.#unread.length > 0) return Promise.resolve(this.#unread.shift());
    if (this.#process.exitCode !== null) {
      return Promise.reject(new Error(`exit ${this.#process.exitCode}: ${this.#stderr}`));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer: ${this.#stderr}`)), askMsMax);
      const settle = (then) => (value) => {
        clearTimeout(timer);
        then(value);
      };
      this.#waiting.push({ resolve: settle(resolve), reject: settle(reject) });
    });
  }

  async ask(question) {
    this.#process.send(question);
    const answer = await this.next();
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(timer);
  }
}
