// How much CPU the main thread has had, from the best source that this platform has.

import { mainSchedstatPath, Schedstat } from './schedstat.js';

/** CPU of the main thread since some fixed moment. */
export interface MainThreadCpu {
  /** Milliseconds on a CPU. */
  readonly cpuMs: number;
  /** Milliseconds in which it could have run but the CPUs were busy with others; always 0 where nobody tells. */
  readonly queuedMs: number;
  /** The file that the worker may read as well, or ''. */
  readonly schedstatPath: string;
  /** Renews both. */
  read(): void;
}

/** Opens the source: `schedstat` on Linux, else the thread's CPU clock, else that of the whole process. */
export function openMainThreadCpu(): MainThreadCpu {
  const path = mainSchedstatPath();
  try {
    if (path !== '') return new SchedstatCpu(path);
  } catch {
    // A sandbox without /proc, or Node's permission model.
  }
  return new ClockCpu();
}

class SchedstatCpu implements MainThreadCpu {
  readonly #schedstat: Schedstat;
  constructor(readonly schedstatPath: string) {
    this.#schedstat = new Schedstat(schedstatPath);
  }

  get cpuMs(): number {
    return this.#schedstat.cpuMs;
  }

  get queuedMs(): number {
    return this.#schedstat.queuedMs;
  }

  read(): void {
    this.#schedstat.read();
  }
}

interface ThreadClock {
  /** Node 22.19 and 23.9; the types here are those of Node 20. */
  threadCpuUsage?: () => NodeJS.CpuUsage;
}

class ClockCpu implements MainThreadCpu {
  readonly queuedMs = 0;
  readonly schedstatPath = '';
  cpuMs = 0;
  readonly #usage: () => NodeJS.CpuUsage;

  constructor() {
    const { threadCpuUsage } = process as ThreadClock;
    this.#usage = threadCpuUsage?.bind(process) ?? (() => process.cpuUsage());
    this.read();
  }

  read(): void {
    const { user, system } = this.#usage();
    this.cpuMs = (user + system) / 1000;
  }
}
