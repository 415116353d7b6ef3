// Starts and stops what watches the runtime: the stall watchdog, the GC observer and the runtime metrics.

import type { Config } from '../config/config.js';
import type { MetricPoint } from '../otlp/metrics.js';
import { tellHookFailure } from '../self/log.js';
import { Meter } from '../self/meter.js';
import type { Overhead } from '../self/overhead.js';
import { GcObserver } from './gc-observer.js';
import { OverheadMetrics } from './overhead-metrics.js';
import { RuntimeMetrics } from './runtime-metrics.js';
import { Watchdog } from './watchdog.js';

const meter = new Meter('runtime metrics');

/** The first sample comes early, so that a short run has one. */
const FIRST_SAMPLE_MS = 2000;

/** What the runtime stage needs. */
export interface RuntimeOptions {
  config: Pick<Config, 'metricsIntervalMs' | 'stallThresholdMs' | 'watchdog'>;
  /** Where there is one, its figures are in the samples. */
  overhead?: Overhead;
  /** Takes the points of one sample, and calls `onLost` where they are lost. */
  metricsSink: (points: MetricPoint[], onLost: () => void) => void;
}

/** The running stage. */
export interface Runtime {
  /** Emits the stalls and requests that still wait for news, and a last sample. Call before the last flush. */
  flush(): void;
  /** Ends timers, observers and the worker. */
  stop(): void;
}

/** Starts watching the main thread. Nothing here keeps the process alive. */
export function startRuntime({ config, overhead, metricsSink }: RuntimeOptions): Runtime {
  const gc = new GcObserver();
  const ofAgent = overhead === undefined ? undefined : new OverheadMetrics(overhead);
  const metrics = new RuntimeMetrics(gc.durations, ofAgent);
  const watchdog = config.watchdog ? new Watchdog(config.stallThresholdMs) : undefined;
  const sample = (): void => {
    try {
      meter.run(() => {
        const { points, onLost } = metrics.take();
        metricsSink(points, onLost);
      });
    } catch (error) {
      tellHookFailure('the runtime metrics', error);
    }
  };
  let timer = setTimeout(
    () => {
      timer = setInterval(sample, config.metricsIntervalMs).unref();
      sample();
    },
    Math.min(FIRST_SAMPLE_MS, config.metricsIntervalMs),
  ).unref();

  gc.start();
  watchdog?.start();
  const emitWaiting = (): void => {
    gc.settle();
    watchdog?.flush();
  };
  const end = (): void => {
    watchdog?.stop();
    emitWaiting();
  };
  // First of all listeners: what waits here must be in the buffer when the exporter looks whether it has anything.
  process.prependListener('exit', end);
  return {
    flush: () => {
      emitWaiting();
      sample();
    },
    stop: () => {
      clearTimeout(timer);
      process.removeListener('exit', end);
      end();
      gc.stop();
      metrics.stop();
    },
  };
}
