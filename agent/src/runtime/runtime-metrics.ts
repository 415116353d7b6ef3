// Reads the runtime's own figures: event loop, heap, memory, CPU, garbage collections, and what the agent lost.

import {
  type EventLoopUtilization,
  type IntervalHistogram,
  monitorEventLoopDelay,
  performance,
} from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { AttributeValue } from '../otlp/attribute.js';
import type { MetricPoint } from '../otlp/metrics.js';
import { counters } from '../self/counters.js';
import type { DeltaHistogram } from './delta-histogram.js';
import type { GcType } from './gc-observer.js';
import type { OverheadMetrics } from './overhead-metrics.js';

/**
 * The delay monitor's own timer; what it records is the time between two ticks, this included. Its waking of an
 * idle process costs 0.2 to 0.4 % of a core, more than all else here, and twice that at 10 ms.
 */
const DELAY_RESOLUTION_MS = 20;
const NANOS_PER_S = 1e9;
const DELAY_PERCENTILES = [50, 90, 99];
/** What the agent counts of itself, as it is reported. Of spans always, so that a nought is seen to be one. */
const OWN = {
  spansDropped: { name: 'venturi.agent.spans.dropped', unit: '{span}', isSpan: true },
  spansExported: { name: 'venturi.agent.spans.exported', unit: '{span}', isSpan: true },
  spansSampledOut: { name: 'venturi.agent.spans.sampled_out', unit: '{span}', isSpan: true },
  logsDropped: { name: 'venturi.agent.logs.dropped', unit: '{record}', isSpan: false },
  logsExported: { name: 'venturi.agent.logs.exported', unit: '{record}', isSpan: false },
  logsShed: { name: 'venturi.agent.logs.shed', unit: '{record}', isSpan: false },
  metricsDropped: { name: 'venturi.agent.metrics.dropped', unit: '{request}', isSpan: false },
} as const satisfies Record<keyof typeof counters, object>;

/** Takes one sample after another; each covers the time since the one before. */
export class RuntimeMetrics {
  readonly #delays: IntervalHistogram;
  readonly #collections: ReadonlyMap<GcType, DeltaHistogram>;
  readonly #overhead: OverheadMetrics | undefined;
  #sinceUnixMs = Date.now();
  #sinceMs = performance.now();
  #utilization: EventLoopUtilization = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();
  #reported = { ...counters };

  constructor(
    collections: ReadonlyMap<GcType, DeltaHistogram>,
    overhead: OverheadMetrics | undefined,
  ) {
    this.#collections = collections;
    this.#overhead = overhead;
    this.#delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
    this.#delays.enable();
  }

  stop(): void {
    this.#delays.disable();
  }

  /** The points of the time since the last call; `onLost` is to be called where they can't be sent. */
  take(): { points: MetricPoint[]; onLost: () => void } {
    const timeUnixMs = Date.now();
    const elapsedMs = performance.now() - this.#sinceMs;
    const gauge = gaugesAt(timeUnixMs);
    const own = this.#own(timeUnixMs);
    const overhead = this.#overhead?.take(this.#sinceUnixMs, timeUnixMs);
    const points = [
      ...this.#loop(gauge),
      ...memory(gauge),
      ...this.#cpuUtilization(gauge, elapsedMs),
      ...this.#gc(timeUnixMs),
      ...own.points,
      ...(overhead?.points ?? []),
    ];
    const onLost = (): void => {
      own.onLost();
      overhead?.onLost();
    };
    this.#sinceUnixMs = timeUnixMs;
    this.#sinceMs += elapsedMs;
    return { points, onLost };
  }

  #loop(gauge: Gauge): MetricPoint[] {
    const before = this.#utilization;
    this.#utilization = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#utilization, before);
    const points = [gauge('nodejs.eventloop.utilization', '1', utilization)];
    const delays = this.#delays;
    if (delays.count > 0) {
      const values = { min: delays.min, max: delays.max, mean: delays.mean };
      const percentiles = DELAY_PERCENTILES.map((p) => [`p${p}`, delays.percentile(p)] as const);
      for (const [name, nanos] of [...Object.entries(values), ...percentiles]) {
        const seconds = Math.max(0, nanos / NANOS_PER_S - DELAY_RESOLUTION_MS / 1000);
        points.push(gauge(`nodejs.eventloop.delay.${name}`, 's', seconds));
      }
      delays.reset();
    }
    return points;
  }

  #cpuUtilization(gauge: Gauge, elapsedMs: number): MetricPoint[] {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    if (elapsedMs <= 0) return [];
    const cores = { user: user / 1000 / elapsedMs, system: system / 1000 / elapsedMs };
    return Object.entries(cores).map(([mode, value]) =>
      gauge('process.cpu.utilization', '1', value, { 'cpu.mode': mode }),
    );
  }

  #gc(timeUnixMs: number): MetricPoint[] {
    return [...this.#collections].flatMap(([type, histogram]) => {
      const taken = histogram.take();
      if (taken === undefined) return [];
      const attributes = { 'v8js.gc.type': type };
      const interval = { startUnixMs: this.#sinceUnixMs, timeUnixMs, attributes };
      const metric = { type: 'histogram', name: 'v8js.gc.duration', unit: 's' } as const;
      return { ...metric, ...interval, ...taken, bounds: histogram.bounds };
    });
  }

  /** What the agent itself sent and lost since the last sample that was not lost. */
  #own(timeUnixMs: number): { points: MetricPoint[]; onLost: () => void } {
    const names = Object.keys(OWN) as (keyof typeof OWN)[];
    const news = names.map((name) => [name, counters[name] - this.#reported[name]] as const);
    const points = news
      .filter(([name, value]) => OWN[name].isSpan || value !== 0)
      .map(([name, value]) => ({
        type: 'sum' as const,
        name: OWN[name].name,
        unit: OWN[name].unit,
        startUnixMs: this.#sinceUnixMs,
        timeUnixMs,
        value,
      }));
    this.#reported = { ...counters };
    // Losses are many when samples get lost too: what nobody was told is told in the next one.
    const onLost = (): void => {
      for (const [name, value] of news) this.#reported[name] -= value;
    };
    return { points, onLost };
  }
}

type Gauge = (
  name: string,
  unit: string,
  ...rest: [value: number, attributes?: Record<string, AttributeValue>]
) => MetricPoint;

function gaugesAt(timeUnixMs: number): Gauge {
  return (name, unit, ...[value, attributes]) => {
    const point = { type: 'gauge', name, unit, value, timeUnixMs } as const;
    return attributes === undefined ? point : { ...point, attributes };
  };
}

/** Totals are Venturi's own names, because OpenTelemetry's are per heap space. */
function memory(gauge: Gauge): MetricPoint[] {
  const heap = getHeapStatistics();
  const usage = process.memoryUsage();
  const spaces = getHeapSpaceStatistics();
  const perSpace = (name: string, of: (space: (typeof spaces)[number]) => number): MetricPoint[] =>
    spaces.map((space) =>
      gauge(name, 'By', of(space), { 'v8js.heap.space.name': space.space_name }),
    );
  return [
    ...perSpace('v8js.memory.heap.used', (space) => space.space_used_size),
    ...perSpace('v8js.memory.heap.limit', (space) => space.space_size),
    ...perSpace('v8js.memory.heap.space.physical_size', (space) => space.physical_space_size),
    gauge('venturi.memory.heap.used', 'By', heap.used_heap_size),
    gauge('venturi.memory.heap.total', 'By', heap.total_heap_size),
    gauge('venturi.memory.heap.limit', 'By', heap.heap_size_limit),
    gauge('venturi.memory.external', 'By', usage.external),
    gauge('process.memory.usage', 'By', usage.rss),
  ];
}
