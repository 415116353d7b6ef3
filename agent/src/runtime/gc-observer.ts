// Observes garbage collections: their pauses for spans and stalls, their durations for the metrics.
//
// When a tick has collected garbage, Node creates the entry in a native immediate, that is in the check phase of the
// same turn of the loop, and hands it to observers in a JavaScript immediate after that. In between, `takeRecords()`
// already has it. So whoever asks in an immediate of its own knows all collections up to then.

import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { tellHookFailure } from '../self/log.js';
import { collectionNews, collections, type Settling } from '../trace/pauses.js';
import { DeltaHistogram } from './delta-histogram.js';

/** Values of `v8js.gc.type` in OpenTelemetry's semantic conventions. */
export type GcType = 'major' | 'minor' | 'incremental' | 'weakcb';

/** Seconds. A scavenge takes tenths of a millisecond, a full collection of a large heap seconds. */
const BOUNDS_S = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1],
  ...[0.25, 0.5, 1, 2.5, 5, 10],
];
/** So many requests are kept back until the next flush; an immediate for each would be a turn of the loop for each. */
const WAITING_MAX = 16;

/** Feeds `collections`, keeps requests back until it knows, and counts durations by type. */
export class GcObserver {
  readonly durations: ReadonlyMap<GcType, DeltaHistogram> = new Map(
    (['major', 'minor', 'incremental', 'weakcb'] as const).map((type) => [
      type,
      new DeltaHistogram(BOUNDS_S),
    ]),
  );
  readonly #observer = new PerformanceObserver((list) => this.#addAll(list.getEntries()));
  #waiting: Settling[] = [];

  start(): void {
    this.#observer.observe({ entryTypes: ['gc'] });
    collectionNews.await = (request) => this.#await(request);
    collectionNews.settle = this.settle;
  }

  stop(): void {
    this.settle();
    collectionNews.await = undefined;
    collectionNews.settle = undefined;
    this.#observer.disconnect();
  }

  /** Takes what Node has got, and lets everybody who waits go on. */
  readonly settle = (): void => {
    this.#addAll(this.#observer.takeRecords());
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const request of waiting) {
      try {
        request.settle();
      } catch (error) {
        tellHookFailure('the end of a request', error);
      }
    }
  };

  #await(request: Settling): void {
    this.#waiting.push(request);
    if (this.#waiting.length === WAITING_MAX) setImmediate(this.settle);
  }

  #addAll(entries: readonly PerformanceEntry[]): void {
    for (const entry of entries) {
      collections.push(entry.startTime, entry.startTime + entry.duration);
      this.durations.get(typeOf(entry))?.record(entry.duration / 1000);
    }
  }
}

function typeOf(entry: PerformanceEntry): GcType {
  const { kind } = (entry as { detail?: { kind?: number } }).detail ?? {};
  if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) return 'major';
  if (kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL) return 'incremental';
  if (kind === constants.NODE_PERFORMANCE_GC_WEAKCB) return 'weakcb';
  // Scavenges, and V8's minor mark-sweep, for which Node has no constant.
  return 'minor';
}
