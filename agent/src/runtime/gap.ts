// Decides whether a silence of the heartbeat was the application's doing, and how much of it.

import type { EntrySpan } from '../trace/span.js';
import type { StallSample } from './probe.js';

/** A stretch between two beats in which the loop was busy for suspiciously long. Milliseconds. */
export interface Gap {
  /** When the second beat came, on the monotonic clock. */
  endMs: number;
  /** In which the loop was not waiting for events. */
  busyMs: number;
  /** In which the main thread was on a CPU. */
  cpuMs: number;
  /** In which it stood in the kernel's run queue. */
  queuedMs: number;
  /** How much later than planned the second beat came. */
  lateMs: number;
  /** The thread's run-queue time, in all, at the first beat. */
  queuedBeforeMs: number;
  /** The worker's `oversleptMs` at the first beat. */
  oversleptBeforeMs: number;
  /** Whether the worker was on the watch at the first beat: before, nothing tells how long it could not run. */
  isWitnessed: boolean;
  samples: StallSample[];
  bystanders: EntrySpan[];
}

/** What the watchdog's worker knows about a gap. */
export interface Witness {
  /** How long the worker was kept from running during the gap. */
  oversleptMs: number;
  /** Whether it may be believed: it runs, and nobody can have paused the main thread with a debugger. */
  isTrusted: boolean;
}

/**
 * How long the application blocked the loop, 0 where that is no stall.
 *
 *     busy = CPU + run queue + asleep,   own = CPU + (asleep - what the worker overslept)
 *
 * - In the run queue the thread could have gone on, but other processes had the CPUs. A function that takes long is
 *   slowed down by that, so it counts up to once more; beyond that it is starvation, and nobody's function.
 * - Asleep although busy is a synchronous wait (`execSync`, `readFileSync`, `Atomics.wait`): the application's own.
 *   But so look SIGSTOP, a frozen container and a paused virtual machine; in these the worker could not run either,
 *   and what it overslept is taken off. And so looks a breakpoint; where an inspector is open, or no worker
 *   watches, all time asleep is.
 *
 * @param thresholdMs a gap whose own part is shorter is no stall
 */
export function blockedMs(gap: Gap, witness: Witness, thresholdMs: number): number {
  const cpuMs = Math.min(gap.cpuMs, gap.busyMs);
  const waitedMs = witness.isTrusted ? Math.max(0, asleepMs(gap) - witness.oversleptMs) : 0;
  const ownMs = cpuMs + waitedMs;
  if (ownMs < thresholdMs) return 0;
  return Math.min(gap.busyMs, ownMs + Math.min(gap.queuedMs, ownMs));
}

/** Time in which the main thread neither ran nor could have, though the loop was busy. */
export function asleepMs(gap: Gap): number {
  return Math.max(0, gap.busyMs - gap.cpuMs - gap.queuedMs);
}
