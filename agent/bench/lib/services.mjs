// The services of one round: every variant started, warmed up, asked who it is, and read.
import { fileURLToPath } from 'node:url';
import { variants } from '../variants.mjs';
import { startChild } from './child.mjs';

/** Where the peers of a Node version are installed. */
export function peersFolder(nodeMajor) {
  const name = nodeMajor < 22 ? 'peers-node20' : 'peers-node22';
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

/** One variant's process. `load` drives it. */
export class Service {
  #child;
  #load;
  #hasOwnLoad;

  constructor({ name, child, port, load, hasOwnLoad }) {
    this.name = name;
    this.port = port;
    this.#child = child;
    this.#load = load;
    this.#hasOwnLoad = hasOwnLoad;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Fails where the process that answers is not the one that was started, or runs another agent. */
  async checkIdentity() {
    const response = await fetch(`http://127.0.0.1:${this.port}/whoami`);
    const { pid, agent } = await response.json();
    const { agent: expected } = variants[this.name];
    if (pid !== this.#child.pid || agent !== expected) {
      throw new Error(`${this.name}: ${pid} runs ${agent}, not ${this.#child.pid} ${expected}`);
    }
  }

  /** Sends `requests` over 20 connections. @returns CPU in µs a request, all threads of the process */
  async drive(workload, requests) {
    const before = await this.#child.ask('usage');
    const job = { port: this.port, path: `/${workload}/7`, total: requests, connections: 20 };
    const { elapsedMs } = await this.#load.ask(job);
    const after = await this.#child.ask('usage');
    return {
      micros: (after.cpuMicros - before.cpuMicros) / requests,
      perS: (requests * 1000) / elapsedMs,
    };
  }

  /** Memory in bytes, after a full collection where the process exposes it. */
  memory() {
    return this.#child.ask('collect');
  }

  /** Begins to sample its main thread. */
  startProfile() {
    return this.#child.ask('profile');
  }

  /** Microseconds of the main thread by file. */
  async stopProfile() {
    return (await this.#child.ask('profiled')).micros;
  }

  /** Latencies of requests that are due at fixed times. */
  latencies(workload, { ratePerS, seconds }) {
    const job = { port: this.port, path: `/${workload}/7`, ratePerS, seconds, connections: 64 };
    return this.#load.ask(job);
  }

  async stop() {
    await this.#child.stop();
    if (this.#hasOwnLoad) await this.#load.stop();
  }
}

/** Starts one variant with its exports going to `sinkUrl`. */
export async function startService(name, options) {
  const { node, nodeMajor, env, sinkUrl, load, hasOwnLoad, nodeArgs = [] } = options;
  const folder = peersFolder(nodeMajor);
  const { preload, env: envOf } = variants[name];
  const child = await startChild('service.cjs', {
    node,
    cwd: folder,
    args: [...nodeArgs, ...preload.flatMap((file) => ['--require', file])],
    env: { ...env, ...envOf(sinkUrl), PEERS_DIR: folder, OTEL_SERVICE_NAME: 'bench' },
  });
  const { port } = await child.next();
  return new Service({ name, child, port, load, hasOwnLoad });
}
