// One of the two processes that are compared, and the other end of its connections.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fixturePath } from '../support/stalls.js';
import type { ClientScenario, ServerScenario } from './scenarios.js';

/** What came of a scenario: what the application saw, and what went over the wire. */
export interface Outcome {
  log: string[];
  wire: string;
}

/** So long nothing more has happened when a scenario is over. */
const SILENT_MS = 30;
const LAST_MS_MAX = 400;
const ANSWER_MS_MAX = 20_000;

/** A fixture that obeys over IPC. */
export class Side {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  /** Never resolves; rejects when the process is gone, or says nothing any more. */
  readonly #gone: Promise<never>;

  /** @param preload what is required before it; nothing for the bare side */
  constructor(fixture: string, preload: readonly string[], env: Record<string, string>) {
    const nodeArgs = preload.flatMap((file) => ['--require', file]);
    this.#child = spawn(process.execPath, [...nodeArgs, fixturePath(fixture)], {
      env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', NODE_ENV: 'test', ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ready = once(this.#child, 'message');
    this.#gone = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the process ended with ${code ?? signal}`);
    });
    this.#gone.catch(() => {});
  }

  async serve(scenario: ServerScenario): Promise<Outcome> {
    const { port } = await this.#ask(scenario);
    const wire = await visit(port as number, scenario);
    const { log } = await this.#ask('finish');
    return normal({ log: log as string[], wire });
  }

  async call(scenario: ClientScenario): Promise<Outcome> {
    const peer = new Peer(scenario);
    const port = await peer.listen();
    await this.#ask({ ...scenario.call, port });
    await peer.silence();
    const { log } = await this.#ask('finish');
    return normal({ log: log as string[], wire: await peer.close() });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(question: unknown): Promise<Record<string, unknown>> {
    await this.#ready;
    const answer = once(this.#child, 'message');
    this.#child.send(question as object);
    const late = sleep(ANSWER_MS_MAX, undefined, { ref: false }).then(() => {
      throw new Error(`no answer to ${JSON.stringify(question)}`);
    });
    return (await Promise.race([answer, this.#gone, late]))[0] as Record<string, unknown>;
  }
}

/** Without what differs between two runs of the same program, and without the header that the agent is there to send. */
function normal({ log, wire }: Outcome): Outcome {
  const clean = (text: string): string =>
    text
      .replace(/^Date: .*\r\n/gim, '')
      .replace(/^traceparent: .*\r\n/gim, '')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:port');
  return { log: log.map(clean), wire: clean(wire) };
}

/** Plays the client. @returns what the server sent, and how the connection ended */
async function visit(port: number, scenario: ServerScenario): Promise<string> {
  const { requests, isPipelined, cutAt, leave, leaveMs } = scenario;
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  const quiet = new Quiet(socket);
  await once(socket, 'connect');
  if (leaveMs >= 0) setTimeout(() => leaving(socket, leave), leaveMs);
  const pieces = isPipelined ? [requests.join('')] : requests;
  for (const piece of pieces) {
    const at = Math.floor(piece.length * cutAt);
    for (const part of [piece.slice(0, at), piece.slice(at)]) {
      if (part === '' || socket.destroyed || socket.writableEnded) continue;
      socket.write(part, 'latin1');
      if (at > 0) await sleep(2);
    }
    await quiet.wait();
  }
  const wire = `${quiet.received} ${quiet.ending}`;
  socket.destroy();
  return wire;
}

function leaving(socket: net.Socket, how: 'end' | 'destroy' | 'reset'): void {
  if (how === 'end') socket.end();
  else if (how === 'destroy') socket.destroy();
  else socket.resetAndDestroy();
}

/** Notes what a socket receives, and waits until it has become silent. */
class Quiet {
  received = '';
  ending = 'open';
  #lastMs = performance.now();
  readonly #sinceMs = performance.now();

  constructor(socket: net.Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      this.received += String(text);
      this.#lastMs = performance.now();
    });
    socket.on('end', () => (this.ending = 'ended'));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.ending = error.code ?? 'error'));
  }

  async wait(): Promise<void> {
    this.#lastMs = performance.now();
    while (
      performance.now() - this.#lastMs < SILENT_MS &&
      performance.now() - this.#sinceMs < LAST_MS_MAX
    ) {
      await sleep(5);
    }
  }
}

/** Plays the server that is called. */
class Peer {
  readonly #quiets: Quiet[] = [];
  readonly #sockets: net.Socket[] = [];
  readonly #server: net.Server;

  constructor({ answers, leave, leaveMs }: ClientScenario) {
    this.#server = net.createServer((socket) => {
      this.#sockets.push(socket);
      this.#quiets.push(new Quiet(socket));
      const left = [...answers];
      socket.on('data', () => {
        const answer = left.shift();
        if (answer !== undefined && !socket.writableEnded) socket.write(answer, 'latin1');
      });
      if (leaveMs >= 0) setTimeout(() => leaving(socket, leave), leaveMs);
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as net.AddressInfo).port;
  }

  async silence(): Promise<void> {
    await sleep(SILENT_MS);
    for (const quiet of this.#quiets) await quiet.wait();
  }

  async close(): Promise<string> {
    const wire = this.#quiets.map(({ received, ending }) => `${received} ${ending}`).join('\n');
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    return wire;
  }
}
