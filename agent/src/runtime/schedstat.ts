// Reads how long the kernel let one thread run, and how long it kept it waiting for a CPU.

import { closeSync, openSync, readSync } from 'node:fs';

// Documentation/scheduler/sched-stats.rst of Linux, /proc/<pid>/schedstat:
//   time spent on the cpu (ns) · time spent waiting on a runqueue (ns) · number of timeslices
const LINE_BYTES_MAX = 96;
const NANOS_PER_MS = 1e6;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/** The main thread's file on Linux, '' elsewhere. A process's first thread has the id of the process. */
export function mainSchedstatPath(): string {
  return process.platform === 'linux' ? `/proc/self/task/${process.pid}/schedstat` : '';
}

/** An open `schedstat`. One read costs 3 µs; the kernel's figures move with its ticks, 1 to 4 ms. */
export class Schedstat {
  readonly #fd: number;
  readonly #line = Buffer.alloc(LINE_BYTES_MAX);
  cpuMs = 0;
  queuedMs = 0;

  /** @throws where the file is absent, forbidden or empty */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    if (!this.read()) {
      this.close();
      throw new Error(`${path} is not readable`);
    }
  }

  /** Renews `cpuMs` and `queuedMs`. @returns false where that was not possible */
  read(): boolean {
    let length: number;
    try {
      length = readSync(this.#fd, this.#line, 0, LINE_BYTES_MAX, 0);
    } catch {
      return false;
    }
    let number = 0;
    let field = 0;
    for (let i = 0; i < length && field < 2; i++) {
      const byte = this.#line[i] as number;
      if (byte >= ZERO && byte <= NINE) number = number * 10 + (byte - ZERO);
      else if (byte === SPACE) {
        if (field++ === 0) this.cpuMs = number / NANOS_PER_MS;
        else this.queuedMs = number / NANOS_PER_MS;
        number = 0;
      }
    }
    return field === 2;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
