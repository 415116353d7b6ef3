// What the collector counts about itself: the ledger from a received request to a row in ClickHouse.

/** Every counter, with what it counts. A counter only ever grows while the process lives. */
const COUNTERS = {
  requestsReceived: 'OTLP requests that reached the collector',
  requestsRefused: 'OTLP requests that were refused (4xx, 429, 503)',
  requestsDuplicate:
    'requests whose venturi-batch had been stored already and were answered 200 again',
  spansReceived: 'spans decoded',
  spansRejected: 'spans refused in a partial success, such as a wrong-length id',
  pointsReceived: 'metric points decoded',
  pointsRejected: 'metric points refused in a partial success, such as an exponential histogram',
  pointsWithoutValue: 'metric points whose flags say that nothing was recorded',
  timestampsClamped: 'start times moved into the window that is stored',
  durationsClamped: 'spans that ended before they began, stored with a duration of zero',
  attributesDropped: 'attributes over the limit of a span',
  valuesTruncated: 'values cut to the limit of their column',
  blocksSpooled: 'blocks that were written and fsynced',
  rowsSpooled: 'rows in those blocks',
  bytesSpooled: 'bytes in those blocks',
  blocksFailed: 'blocks that could not be written; their requests were answered 503',
  rowsInserted: 'rows that ClickHouse has answered for',
  insertsDone: 'inserts that succeeded',
  insertsRetried: 'inserts that failed and were tried again',
  filesRejected: 'spool files set aside because they were torn or ClickHouse refused them',
  rowsRejected: 'rows in those files, where that is known',
} as const;

type CounterName = keyof typeof COUNTERS;

export interface Counters {
  add(name: CounterName, amount?: number): void;
  get(name: CounterName): number;
  /** A copy of all counters. */
  snapshot(): Record<CounterName, number>;
  /** Notes that a service has sent something just now. */
  sawService(service: string): void;
  /** Services that sent something within the last `windowMs`, sorted. */
  servicesSeen(windowMs: number): string[];
}

/** More services than this are not remembered one by one; a dashboard query knows them all. */
const servicesMax = 10_000;

/** Creates counters at zero. `now` gives milliseconds since the epoch. */
export function createCounters(now: () => number): Counters {
  const values = Object.fromEntries(Object.keys(COUNTERS).map((name) => [name, 0])) as Record<
    CounterName,
    number
  >;
  const lastSeen = new Map<string, number>();
  return {
    add(name, amount = 1) {
      values[name] += amount;
    },
    get: (name) => values[name],
    snapshot: () => ({ ...values }),
    sawService(service) {
      lastSeen.delete(service);
      lastSeen.set(service, now());
      if (lastSeen.size > servicesMax) {
        const oldest = lastSeen.keys().next();
        if (!oldest.done) lastSeen.delete(oldest.value);
      }
    },
    servicesSeen(windowMs) {
      const since = now() - windowMs;
      const seen = [...lastSeen].filter(([, at]) => at >= since).map(([service]) => service);
      return seen.sort();
    },
  };
}
