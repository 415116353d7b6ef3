// Sends what is left when the process ends, under a deadline and without changing how it ends.
//
// - Natural end: 'beforeExit' sends over the open connection, holding the loop for at most the deadline. Where the
//   application listens to 'beforeExit' itself this is left to 'exit', because the event would be emitted again.
// - process.exit(), an uncaught exception, a cluster worker that disconnects: only 'exit' remains, which is
//   synchronous. A worker thread sends while the main thread waits on a shared flag. Measured at 37-48 ms; a child
//   process takes longer, inherits file descriptors and NODE_OPTIONS, and is not allowed everywhere; writing to the
//   socket's descriptor cannot know whether anything arrived.
// - SIGTERM and SIGINT: only where the application has no handler. We flush, remove our listener and raise the signal
//   again, so that the parent sees the same death. Our listener leaves as soon as anyone else listens, since many
//   libraries count listeners to decide whether they must end the process themselves.

import { join } from 'node:path';
import { isMainThread, Worker } from 'node:worker_threads';
import { AGENT_FOLDER } from '../place.js';
import { abortInFlight } from '../trace/in-flight.js';
import type { ExitWork } from './exit-sender.js';
import type { Exporter } from './exporter.js';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];

/** What is flushed at the end. */
export interface ExitFlushOptions {
  exporter: Exporter;
  /** Called once, when all requests have ended: what others hold back, and the last metrics, must come now. */
  beforeLast: () => void;
  /** How long the end may be held up; 0 installs nothing. */
  timeoutMs: number;
}

/** Installs the flush at the end of the process. */
export function installExitFlush(options: ExitFlushOptions): void {
  if (options.timeoutMs === 0) return;
  const last = once(options.beforeLast);
  let isDraining = false;
  const drain = (then: () => void): void => {
    isDraining = true;
    // This timer is what holds the loop; our sockets do not.
    const deadline = setTimeout(then, options.timeoutMs);
    options.exporter.drain(() => {
      clearTimeout(deadline);
      then();
    });
  };
  process.on('beforeExit', () => {
    if (isDraining || process.listenerCount('beforeExit') > 1) return;
    last();
    if (options.exporter.deservesExitFlush) drain(() => {});
  });
  process.on('exit', () => {
    abortInFlight();
    last();
    if (options.exporter.deservesExitFlush) sendFromWorker(options);
  });
  const end = (die: () => void): void => {
    abortInFlight();
    last();
    if (options.exporter.deservesExitFlush) drain(die);
    else die();
  };
  // Signals reach the main thread only.
  if (isMainThread) for (const signal of SIGNALS) flushOnSignal(signal, end);
}

function flushOnSignal(signal: NodeJS.Signals, end: (die: () => void) => void): void {
  let isDying = false;
  const onSignal = (): void => {
    isDying = true;
    process.removeListener(signal, onSignal);
    end(once(() => process.kill(process.pid, signal)));
  };
  // In the next tick, because Node starts and stops watching a signal in these very events.
  const reconcile = (event: string | symbol): void => {
    if (event === signal) process.nextTick(settleListener);
  };
  const settleListener = (): void => {
    const all = process.listeners(signal);
    const others = all.filter((listener) => listener !== onSignal).length;
    if (others > 0) process.removeListener(signal, onSignal);
    else if (all.length === 0 && !isDying) process.on(signal, onSignal);
  };
  process.on('newListener', reconcile);
  process.on('removeListener', reconcile);
  process.on(signal, onSignal);
}

function sendFromWorker({ exporter, timeoutMs }: ExitFlushOptions): void {
  try {
    const done = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const work: ExitWork = {
      done,
      endpoint: exporter.target.endpoint.href,
      headers: exporter.target.headers,
      batches: exporter.takeUnsent(),
    };
    const worker = new Worker(join(AGENT_FOLDER, 'export', 'exit-sender.js'), {
      workerData: work,
      // Neither the application's preloads nor its output are any business of this thread.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
    });
    worker.on('error', () => {});
    Atomics.wait(new Int32Array(done), 0, 0, timeoutMs);
  } catch {
    // Out of threads or memory, or forbidden: the process ends as it would have without us.
  }
}

function once(fn: () => void): () => void {
  let isCalled = false;
  return () => {
    if (isCalled) return;
    isCalled = true;
    fn();
  };
}
