// The stall watchdog's part on the main thread: beats, measures each silence, and runs the worker that looks into it.

import * as inspector from 'node:inspector';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AGENT_FOLDER } from '../place.js';
import { tell, tellHookFailure } from '../self/log.js';
import { Meter, starts } from '../self/meter.js';
import { loopIdleMs, now } from '../trace/clock.js';
import { heartbeat } from '../trace/pauses.js';
import { blockedMs, type Gap } from './gap.js';
import { openMainThreadCpu } from './main-thread-cpu.js';
import { Probe } from './probe.js';
import {
  BEAT_MS,
  CELL,
  RESTING_BEAT_MS,
  sharedCells,
  sharedClockMs,
  TIME,
  type WatchOrders,
} from './shared-cells.js';
import { StallRecorder, type WorkerView } from './stall-recorder.js';

/** The loop rests after so many beats in a row that each took little CPU, and for as long as they do. */
const QUIET_BEATS = 50;
const QUIET_CPU_MS = 4;
const RESTING_CPU_MS = 20;
/** The inspector may be opened at any time, but asking costs; it is asked at every so many beats. */
const INSPECTOR_BEATS = 16;
/**
 * The worker answers within a millisecond, on a busy machine within some hundred; Node says on stderr that it waits
 * for a debugger where a process ends before. A process must not hang on it either.
 */
const DISCONNECT_WAIT_MS = 1000;
const WORKER_LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 };

const meter = new Meter('watchdog');

/** Watches the event loop of the main thread. */
export class Watchdog {
  readonly #cells = sharedCells();
  readonly #cpu = openMainThreadCpu();
  readonly #probe = new Probe(this.#cpu);
  readonly #recorder: StallRecorder;
  readonly #thresholdMs: number;
  #firstTurn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #workerCpuMs = 0;
  #beats = 0;
  #quietBeats = 0;
  #intervalMs = BEAT_MS;
  #idleMs = 0;
  #cpuMs = 0;
  #queuedMs = 0;
  #oversleptMs = 0;
  #isWitnessed = false;

  constructor(thresholdMs: number) {
    this.#thresholdMs = thresholdMs;
    this.#recorder = new StallRecorder(thresholdMs);
  }

  /** Begins to beat when the loop has turned once: what the program does before that is its start, not a stall. */
  start(): void {
    this.#probe.install();
    heartbeat.blockedMs = (nowMs) => this.#blockedMs(nowMs);
    this.#firstTurn = setImmediate(() => {
      this.#mark(now());
      heartbeat.overdueAfterMs = this.#thresholdMs;
      this.#timer = setInterval(this.#firstBeat, BEAT_MS).unref();
    }).unref();
  }

  /** Emits what is known. */
  flush(): void {
    this.#recorder.flush(this.#view());
  }

  /** Ends the worker, and waits until it is not connected to this thread any more. */
  stop(): void {
    clearImmediate(this.#firstTurn);
    clearInterval(this.#timer);
    heartbeat.overdueAfterMs = Number.POSITIVE_INFINITY;
    heartbeat.wake = undefined;
    const { ints } = this.#cells;
    Atomics.store(ints, CELL.stopping, 1);
    Atomics.notify(ints, CELL.sleep);
    // This thread answers the worker even from inside the wait.
    if (Atomics.load(ints, CELL.connected) === 1) {
      Atomics.wait(ints, CELL.connected, 1, DISCONNECT_WAIT_MS);
    }
    this.#probe.remove();
  }

  /** The worker is started only now, so that a short script never pays for it. */
  readonly #firstBeat = (): void => {
    this.#look();
    this.#startWorker();
    this.#pace(BEAT_MS);
    this.#beat();
  };

  readonly #beat = (): void => {
    const sinceMs = starts();
    try {
      this.#renew(now());
    } catch (error) {
      tellHookFailure('the stall watchdog', error);
    } finally {
      if (sinceMs !== 0) meter.ends(sinceMs);
    }
  };

  #renew(atMs: number): void {
    const busyMs = this.#busyMs(atMs);
    if (busyMs >= this.#thresholdMs) this.#addGap(atMs, busyMs);
    const cpuBeforeMs = this.#cpuMs;
    this.#mark(atMs);
    // By the CPU, since on a busy machine a loop that has nothing to do is slow at it.
    const quietMs = this.#intervalMs === BEAT_MS ? QUIET_CPU_MS : RESTING_CPU_MS;
    const isQuiet = this.#cpuMs - cpuBeforeMs < quietMs && this.#recorder.isEmpty;
    this.#quietBeats = isQuiet ? this.#quietBeats + 1 : 0;
    if (++this.#beats % INSPECTOR_BEATS === 0) this.#look();
    if (!this.#recorder.isEmpty) this.#recorder.settle(atMs, this.#view());
    const mayRest = this.#quietBeats >= QUIET_BEATS && this.#cpu.schedstatPath !== '';
    const intervalMs = mayRest ? RESTING_BEAT_MS : BEAT_MS;
    if (intervalMs !== this.#intervalMs) this.#pace(intervalMs);
  }

  /**
   * Where the worker can read the main thread's CPU clock, a quiet loop beats slowly, since each beat wakes the
   * process; it is the clock, or a request, that ends the rest.
   */
  #pace(intervalMs: number): void {
    clearInterval(this.#timer);
    this.#intervalMs = intervalMs;
    this.#timer = setInterval(this.#beat, intervalMs).unref();
    const isResting = intervalMs === RESTING_BEAT_MS;
    heartbeat.wake = isResting ? this.#wake : undefined;
    Atomics.store(this.#cells.ints, CELL.resting, isResting ? 1 : 0);
  }

  readonly #wake = (): void => {
    this.#quietBeats = 0;
    this.#beat();
    if (this.#intervalMs !== BEAT_MS) this.#pace(BEAT_MS);
    this.#quietBeats = 0;
  };

  /** Time since the last beat in which the loop did not wait for events: exact, libuv counts it. */
  #busyMs(atMs: number): number {
    return atMs - heartbeat.lastBeatMs - (loopIdleMs() - this.#idleMs);
  }

  #mark(atMs: number): void {
    this.#cpu.read();
    this.#idleMs = loopIdleMs();
    this.#cpuMs = this.#cpu.cpuMs;
    this.#queuedMs = this.#cpu.queuedMs;
    this.#oversleptMs = this.#cells.times[TIME.oversleptMs] as number;
    this.#isWitnessed = this.#cells.times[TIME.workerSeen] !== 0;
    heartbeat.lastBeatMs = atMs;
    this.#cells.times[TIME.beat] = atMs;
    this.#probe.beat(atMs);
  }

  #addGap(atMs: number, busyMs: number): void {
    const gap = this.#gap(atMs, busyMs);
    // A resting loop's beats are far apart: what lies between may be many short callbacks, unless something was seen.
    const isOneBlock = gap.lateMs >= this.#thresholdMs / 2 || gap.samples.length > 0;
    if (isOneBlock || this.#intervalMs === BEAT_MS) this.#recorder.add(gap, this.#view());
  }

  #gap(atMs: number, busyMs: number): Gap {
    this.#cpu.read();
    const { samples, bystanders } = this.#probe;
    return {
      endMs: atMs,
      busyMs,
      cpuMs: this.#cpu.cpuMs - this.#cpuMs,
      queuedMs: this.#cpu.queuedMs - this.#queuedMs,
      lateMs: atMs - heartbeat.lastBeatMs - this.#intervalMs,
      queuedBeforeMs: this.#queuedMs,
      oversleptBeforeMs: this.#oversleptMs,
      isWitnessed: this.#isWitnessed,
      samples,
      bystanders,
    };
  }

  /** For requests that end before the beat comes. The worker cannot be asked so soon. */
  #blockedMs(atMs: number): number {
    const busyMs = this.#busyMs(atMs);
    if (busyMs < this.#thresholdMs) return 0;
    const gap = this.#gap(atMs, busyMs);
    const isTrusted = this.#view().isTrusted && gap.isWitnessed;
    return blockedMs(gap, { oversleptMs: 0, isTrusted }, this.#thresholdMs);
  }

  #view(): WorkerView {
    const { ints, times } = this.#cells;
    return {
      oversleptMs: times[TIME.oversleptMs] as number,
      seenAtMs: times[TIME.workerSeen] as number,
      isTrusted: this.#worker !== undefined && ints[CELL.inspectorOpen] === 0,
    };
  }

  /** Takes what the worker costs, and whether a person has opened the inspector: then no question of ours may come between. */
  #look(): void {
    const workerCpuMs = this.#cells.times[TIME.workerCpuMs] as number;
    meter.add(workerCpuMs - this.#workerCpuMs);
    this.#workerCpuMs = workerCpuMs;
    const isOpen = process.features.inspector && inspector.url() !== undefined;
    Atomics.store(this.#cells.ints, CELL.inspectorOpen, isOpen ? 1 : 0);
  }

  #startWorker(): void {
    const orders: WatchOrders = {
      memory: this.#cells.memory,
      clockOffsetMs: sharedClockMs() - now(),
      schedstatPath: this.#cpu.schedstatPath,
    };
    try {
      const worker = new Worker(join(AGENT_FOLDER, 'runtime', 'watchdog-worker.js'), {
        workerData: orders,
        name: 'venturi-watchdog',
        // Preloads and NODE_OPTIONS are the application's, and one of them is this agent.
        execArgv: [],
        env: {},
        stdout: true,
        stderr: true,
        trackUnmanagedFds: false,
        resourceLimits: WORKER_LIMITS,
      });
      worker.unref();
      worker.on('error', (error) => this.#giveUp(error));
      worker.on('exit', () => (this.#worker = undefined));
      this.#worker = worker;
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Goes on without the worker: stalls are measured still, but nobody can say what ran in them. */
  #giveUp(error: unknown): void {
    this.#worker = undefined;
    tell('VENTURI_A006', error instanceof Error ? error.message : String(error));
  }
}
