// The memory that the main thread and the watchdog's worker share: what each cell means and who writes it.

/** 32-bit cells, read and written with Atomics. */
export const CELL = {
  /** Never changes; the worker sleeps on it, and the main thread wakes it to stop. */
  sleep: 0,
  /** Main: 1 while the loop is quiet and beats at `RESTING_BEAT_MS`. */
  resting: 1,
  /** Main: 1 when the worker must end and must not connect to the main thread any more. */
  stopping: 2,
  /** Worker: 1 from before it connects to the main thread until after it has disconnected. */
  connected: 3,
  /** Main: 1 while somebody has opened the inspector. */
  inspectorOpen: 4,
} as const;

/** Cells of doubles, in milliseconds on the main thread's monotonic clock. */
export const TIME = {
  /** Main: when the loop last beat. */
  beat: 0,
  /** Worker: when it last ran. */
  workerSeen: 1,
  /** Worker: how long, in all, it was kept from running when it should have. */
  oversleptMs: 2,
  /** Worker: its own CPU since it started, where the kernel tells. */
  workerCpuMs: 3,
} as const;

/** The main thread's beat while anything happens, and while nothing does. */
export const BEAT_MS = 20;
export const RESTING_BEAT_MS = 500;

/** The name under which the probe stands on the main thread's `globalThis`: `Runtime.evaluate` sees globals only. */
export const PROBE_NAME = 'venturi.stall.probe';

const INTS = 8;
const TIMES = 4;

/** Both views of one block of shared memory. */
export interface SharedCells {
  memory: SharedArrayBuffer;
  ints: Int32Array;
  times: Float64Array;
}

/** Views of `memory`, or of a new block. */
export function sharedCells(memory = newBlock()): SharedCells {
  const timesFrom = INTS * Int32Array.BYTES_PER_ELEMENT;
  return {
    memory,
    ints: new Int32Array(memory, 0, INTS),
    times: new Float64Array(memory, timesFrom, TIMES),
  };
}

function newBlock(): SharedArrayBuffer {
  return new SharedArrayBuffer(
    INTS * Int32Array.BYTES_PER_ELEMENT + TIMES * Float64Array.BYTES_PER_ELEMENT,
  );
}

/** What the main thread passes to the worker. */
export interface WatchOrders {
  memory: SharedArrayBuffer;
  /** `process.hrtime()` minus `performance.now()` on the main thread, since each thread has its own origin. */
  clockOffsetMs: number;
  /** The main thread's `schedstat`, or '' where the kernel offers none. */
  schedstatPath: string;
}

/** `process.hrtime()`, the clock that all threads share, in milliseconds. */
export function sharedClockMs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1000 + nanos / 1e6;
}
