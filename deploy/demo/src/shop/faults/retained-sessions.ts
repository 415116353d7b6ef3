// Planted gc: sessions that are never let go, until the garbage collector does little else.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { LEAKING_HEAP_MB } from '../../scenario/sites.js';

/**
 * Part of the old space at which the leak holds still. V8 ends a process whose collections free nothing above
 * 80 %, so a leak that is to be watched has to stay below it.
 */
const HEAP_FILL = 0.62;
const HEAP_FILL_MAX = 0.68;
/** By this the magnitude becomes a number of visits. */
const BYTES_PER_VISIT = 40;
/** What one really takes: a map, properties, elements and three fields, a word of V8's heap each. */
const HEAP_BYTES_PER_VISIT = 48;

/** A page that somebody looked at, and the one before: a chain, which V8's helper threads cannot mark in parallel. */
interface Visit {
  product: number;
  at: number;
  before: Visit | undefined;
}

const sessions = new Map<number, Visit | undefined>();

/** Returns what a request does: it keeps `sessionKb` KB in small parts, for good or until the heap is full. */
export function retainSessions(sessionKb: number): () => void {
  const visits = Math.round((sessionKb * 1024) / BYTES_PER_VISIT);
  const liveBytes = watchLiveBytes();
  // Requests may come faster than collections are reported, and a burst of them must not end the process.
  const sessionsMax = Math.floor(
    (HEAP_FILL * LEAKING_HEAP_MB * 2 ** 20) / (visits * HEAP_BYTES_PER_VISIT),
  );
  let nextId = 0;
  return function rememberSession() {
    if (sessions.size >= sessionsMax) forgetOldest();
    sessions.set(nextId++, browsingHistory(visits));
    const fill = liveBytes() / (LEAKING_HEAP_MB * 2 ** 20);
    if (fill > HEAP_FILL) forgetOldest();
    if (fill > HEAP_FILL_MAX) forgetOldest();
  };
}

function browsingHistory(visits: number): Visit | undefined {
  let last: Visit | undefined;
  for (let visit = 0; visit < visits; visit++) last = { product: visit, at: visit, before: last };
  return last;
}

function forgetOldest(): void {
  const oldest = sessions.keys().next();
  if (!oldest.done) sessions.delete(oldest.value);
}

/** Bytes that survived the last major collection: the heap's size at any other time counts garbage too. */
function watchLiveBytes(): () => number {
  let live = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as typeof entry & { detail: { kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) live = getHeapStatistics().used_heap_size;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => live;
}
