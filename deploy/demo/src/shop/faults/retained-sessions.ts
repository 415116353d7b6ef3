// Planted gc: sessions that are never let go, until the garbage collector does little else.
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { LEAKING_HEAP_MB } from '../../scenario/sites.js';

/**
 * Part of the old space at which the leak holds still. V8 ends a process whose collections free nothing above
 * 80 %, so a leak that is to be watched has to stay below it.
 */
const HEAP_FILL = 0.72;
const HEAP_FILL_MAX = 0.76;
const BYTES_PER_PART = 150;

interface Session {
  parts: { sku: string; viewedAt: number; position: number[] }[];
}

const sessions = new Map<number, Session>();

/** Returns what a request does: it keeps `sessionKb` KB in small parts, for ever or until the heap is full. */
export function retainSessions(sessionKb: number): () => void {
  const parts = Math.round((sessionKb * 1024) / BYTES_PER_PART);
  const liveBytes = watchLiveBytes();
  let nextId = 0;
  return function rememberSession() {
    sessions.set(nextId++, browsingHistory(parts));
    const fill = liveBytes() / (LEAKING_HEAP_MB * 2 ** 20);
    if (fill > HEAP_FILL) forgetOldest();
    if (fill > HEAP_FILL_MAX) forgetOldest();
  };
}

function browsingHistory(parts: number): Session {
  const history: Session['parts'] = [];
  for (let index = 0; index < parts; index++) {
    history.push({ sku: `sku-${index}`, viewedAt: index * 1.5, position: [index, index + 1] });
  }
  return { parts: history };
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
