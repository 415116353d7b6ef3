// The event loop, the heap, the garbage collector and the processor of one service's processes.
import { CALL_SITE, IN_RANGE, TRACE_HEX, variable } from './fragments.js';

const OF_SERVICE = `service = ${variable('service')}`;
const points = (metrics: string[]) =>
  `venturi.metric_points
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND metric IN (${metrics.map((m) => `'${m}'`).join(', ')})`;

/** Delay of the event loop by time, the process with the highest, in milliseconds. */
export const RUNTIME_LOOP_DELAY = `SELECT $__timeInterval(ts) AS time,
  maxIf(value, metric = 'nodejs.eventloop.delay.p50') * 1e3 AS p50,
  maxIf(value, metric = 'nodejs.eventloop.delay.p90') * 1e3 AS p90,
  maxIf(value, metric = 'nodejs.eventloop.delay.p99') * 1e3 AS p99,
  maxIf(value, metric = 'nodejs.eventloop.delay.max') * 1e3 AS max
FROM ${points(['p50', 'p90', 'p99', 'max'].map((part) => `nodejs.eventloop.delay.${part}`))}
GROUP BY time
ORDER BY time`;

/** Part of the time in which the event loop was not idle, by time: mean and highest process. */
export const RUNTIME_LOOP_UTILIZATION = `SELECT $__timeInterval(ts) AS time, avg(value) AS mean, max(value) AS highest
FROM ${points(['nodejs.eventloop.utilization'])}
GROUP BY time
ORDER BY time`;

/** Heap of the process with the highest, by time, in bytes. */
export const RUNTIME_HEAP = `SELECT $__timeInterval(ts) AS time,
  maxIf(value, metric = 'venturi.memory.heap.used') AS used, maxIf(value, metric = 'venturi.memory.heap.total') AS total
FROM ${points(['used', 'total'].map((part) => `venturi.memory.heap.${part}`))}
GROUP BY time
ORDER BY time`;

/** Heap by space and time, the highest process, in bytes; V8 has spaces that most programs never fill. */
export const RUNTIME_HEAP_SPACES = `SELECT $__timeInterval(ts) AS time, replaceOne(attrs['v8js.heap.space.name'], '_space', '') AS space,
  max(value) AS Value
FROM ${points(['v8js.memory.heap.used'])} AND value > 0
GROUP BY time, space
ORDER BY time, space`;

/** One column a kind of collection, so that a kind which rested in an interval reads zero and leaves no gap. */
const collections = (value: string) => `SELECT $__timeInterval(ts) AS time,
  ${['minor', 'major', 'incremental', 'weakcb']
    .map((kind) => `sumIf(${value}, attrs['v8js.gc.type'] = '${kind}') / $__interval_s AS ${kind}`)
    .join(',\n  ')}
FROM venturi.metric_histograms
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND metric = 'v8js.gc.duration'
GROUP BY time
ORDER BY time`;

/** Garbage collections a second by time and kind. */
export const RUNTIME_GC_COUNT = collections('count');

/** Milliseconds of pause a second by time and kind. */
export const RUNTIME_GC_PAUSE = collections('sum * 1e3');

/** Memory of the process with the highest, by time, in bytes. */
export const RUNTIME_MEMORY = `SELECT $__timeInterval(ts) AS time,
  maxIf(value, metric = 'process.memory.usage') AS resident, maxIf(value, metric = 'venturi.memory.external') AS external
FROM ${points(['process.memory.usage', 'venturi.memory.external'])}
GROUP BY time
ORDER BY time`;

/** Processor by time, cores, the process with the highest. */
export const RUNTIME_CPU = `SELECT $__timeInterval(ts) AS time, maxIf(value, attrs['cpu.mode'] = 'user') AS user,
  maxIf(value, attrs['cpu.mode'] = 'system') AS system
FROM ${points(['process.cpu.utilization'])}
GROUP BY time
ORDER BY time`;

/** One row a function that blocked the loop on a route; times in milliseconds. */
export const RUNTIME_STALLS = `SELECT if(${CALL_SITE} = '', '(not seen)', ${CALL_SITE}) AS "Function",
  attrs['venturi.stall.kind'] AS Kind,
  if(http_route = '', '(no request)', concat(http_method, ' ', http_route)) AS Route, count() AS Stalls,
  sum(duration_ns) / 1e6 AS Blocked, max(duration_ns) / 1e6 AS Longest,
  sum(attrs_num['venturi.stall.victim_ms']) AS "Others waited", max(ts) AS "Last seen",
  argMax(${TRACE_HEX}, duration_ns) AS Trace
FROM venturi.spans
WHERE ${IN_RANGE} AND ${OF_SERVICE} AND kind = 'internal' AND name = 'event loop blocked'
GROUP BY "Function", Kind, Route
ORDER BY Blocked DESC
LIMIT 50`;

/** One row: what of the runtime is worth a number. */
export const RUNTIME_SUMMARY = `SELECT
  maxIf(value, metric = 'nodejs.eventloop.utilization') AS "Loop utilization",
  maxIf(value, metric = 'nodejs.eventloop.delay.p99') * 1e3 AS "Loop delay p99",
  maxIf(value, metric = 'nodejs.eventloop.delay.max') * 1e3 AS "Loop delay max",
  maxIf(value, metric = 'venturi.memory.heap.used') AS "Heap used",
  maxIf(value, metric = 'venturi.memory.heap.limit') AS "Heap limit",
  maxIf(value, metric = 'process.memory.usage') AS "Resident",
  uniqExact(resource_id) AS Processes
FROM ${points([
  'nodejs.eventloop.utilization',
  'nodejs.eventloop.delay.p99',
  'nodejs.eventloop.delay.max',
  'venturi.memory.heap.used',
  'venturi.memory.heap.limit',
  'process.memory.usage',
])}
HAVING count() > 0`;
