// What the worker has the main thread run in the middle of a stall: notes the stack, the active span, the requests.

import { activeSpan } from '../context/store.js';
import { now } from '../trace/clock.js';
import { inFlight } from '../trace/in-flight.js';
import type { EntrySpan, Span } from '../trace/span.js';
import { type Frame, readFrame } from './frame.js';
import type { MainThreadCpu } from './main-thread-cpu.js';
import { PROBE_NAME } from './shared-cells.js';

/** Deep enough for the frames of a framework below those of the application; two more are the probe's own. */
const STACK_FRAMES_MAX = 64;
/** One stall never has more, since the worker asks less and less often. */
const SAMPLES_MAX = 64;

/** What the main thread was doing at one moment of a stall. */
export interface StallSample {
  /** On the monotonic clock. */
  atMs: number;
  /**
   * From the question to its answer, less the time in which the thread was kept from a CPU: long when a native
   * function kept V8 from answering.
   */
  lateMs: number;
  /** How long this thread has waited for a CPU, in all. */
  queuedMs: number;
  /** The running function first; frames of the agent left out. */
  frames: Frame[];
  /** The span that the running code belongs to. */
  span: Span | undefined;
}

/** What the worker passes: the beat it has seen last, the time, and the thread's run-queue time up to then. */
type Question = [beat: number, askedAtMs: number, queuedThenMs: number];

/** The function that `Runtime.evaluate` calls, and the samples of the present stall. */
export class Probe {
  #samples: StallSample[] = [];
  #bystanders: EntrySpan[] = [];
  #beat = 0;
  readonly #cpu: MainThreadCpu;

  constructor(cpu: MainThreadCpu) {
    this.#cpu = cpu;
  }

  /** Makes the probe reachable. It is not enumerable, so that no application comes across it. */
  install(): void {
    Object.defineProperty(globalThis, Symbol.for(PROBE_NAME), {
      value: (...question: Question) => this.#sample(...question),
      configurable: true,
      enumerable: false,
    });
  }

  remove(): void {
    Reflect.deleteProperty(globalThis, Symbol.for(PROBE_NAME));
    this.beat(0);
  }

  /** Says that the loop has beaten at `beat`: samples from before it are done with. */
  beat(beat: number): void {
    this.#beat = beat;
    if (this.#samples.length > 0) this.#samples = [];
    if (this.#bystanders.length > 0) this.#bystanders = [];
  }

  /** The samples since the last beat, oldest first. */
  get samples(): StallSample[] {
    return this.#samples;
  }

  /** The requests in flight at the first sample: later they may have ended in the very tick that was blocked. */
  get bystanders(): EntrySpan[] {
    return this.#bystanders;
  }

  /** Runs inside arbitrary code of the application. @returns whether this still is the stall that was asked about */
  #sample(...[beat, askedAtMs, queuedThenMs]: Question): boolean {
    if (beat !== this.#beat || this.#samples.length >= SAMPLES_MAX) return false;
    const atMs = now();
    const frames = captureFrames();
    // No code below the probe: the loop itself has called it, so the stall is over.
    if (frames.length === 0) return false;
    if (this.#samples.length === 0) this.#bystanders = [...inFlight()];
    this.#cpu.read();
    const { queuedMs } = this.#cpu;
    const lateMs = atMs - askedAtMs - Math.max(0, queuedMs - queuedThenMs);
    this.#samples.push({ atMs, lateMs, queuedMs, frames, span: activeSpan() });
    return true;
  }
}

function captureFrames(): Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = STACK_FRAMES_MAX;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, captureFrames);
    const sites = holder.stack;
    return Array.isArray(sites) ? framesBelowProbe(sites as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    // Assigning undefined is not the same as never having been set: Node then skips its own formatting.
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

/** Leaves out the agent's frames and, above all others, the one frame of the evaluated expression. */
function framesBelowProbe(sites: NodeJS.CallSite[]): Frame[] {
  const expression = sites.findIndex((site) => !site.getFileName() && site.getLineNumber() === 1);
  return sites.slice(expression + 1).flatMap((site) => readFrame(site) ?? []);
}
