// Reads what the agent costs every few seconds, and lets the governor act on it.

import { Governor, type GovernorOptions } from './governor.js';
import { meters } from './meter.js';

/** Between two readings: some hundred samples of a busy service, and soon enough to matter. */
const READING_MS = 5_000;

/** What the agent costs, as far as it can tell from inside. */
export interface Overhead {
  /** CPU in milliseconds since the start of the process, by module. */
  readonly cpuMs: ReadonlyMap<string, number>;
  /** Of the CPU that the process took, at the last reading; undefined before the first. */
  readonly share: number | undefined;
  /** Steps of the governor that are taken at present. */
  readonly shedSteps: number;
  /** Takes a reading now. */
  read(): void;
}

/** Reads from now on. Nothing here keeps the process alive. */
export function startOverhead(options: GovernorOptions): Overhead {
  const overhead = new Readings(new Governor(options));
  setInterval(() => overhead.read(), READING_MS).unref();
  return overhead;
}

class Readings implements Overhead {
  readonly cpuMs = new Map<string, number>();
  share: number | undefined;
  readonly #governor: Governor;
  #atMs = performance.now();
  #processCpu = process.cpuUsage();

  constructor(governor: Governor) {
    this.#governor = governor;
  }

  get shedSteps(): number {
    return this.#governor.level;
  }

  read(): void {
    const atMs = performance.now();
    const processCpu = process.cpuUsage();
    const elapsedMs = atMs - this.#atMs;
    const { user, system } = this.#processCpu;
    const processMs = (processCpu.user - user + processCpu.system - system) / 1000;
    this.#atMs = atMs;
    this.#processCpu = processCpu;
    const samples = meters.reduce((sum, meter) => sum + meter.samples, 0);
    const ownMs = this.#takeOwn();
    this.share = this.#governor.read({ elapsedMs, processMs, ownMs, samples });
  }

  #takeOwn(): number {
    let sumMs = 0;
    for (const meter of meters) {
      const ms = meter.take();
      if (ms === 0) continue;
      sumMs += ms;
      this.cpuMs.set(meter.module, (this.cpuMs.get(meter.module) ?? 0) + ms);
    }
    return sumMs;
  }
}
