// Sends an application's own metrics: OpenTelemetry's SDK aggregates, the agent encodes and exports.

import type { HrTime, MeterProvider } from '@opentelemetry/api';
import { limits } from '../config/limits.js';
import { keepAttributes, weigh } from '../otlp/added-attributes.js';
import { ByteWriter } from '../otlp/byte-writer.js';
import {
  type CollectedMetric,
  type CollectedPoint,
  encodeMetric,
  Temporality,
} from '../otlp/metric-data.js';
import { Scope, type ScopedItems } from '../otlp/scope.js';
import { loadForApplication } from './application-module.js';

const PACKAGE = '@opentelemetry/sdk-metrics';
/** The SDK's enumerations, by value. */
const TYPES = { 0: 'histogram', 2: 'gauge', 3: 'sum' } as const;
const ATTRIBUTE_BYTES_MAX = 4096;
const SDK_DELTA = 0;
const SDK_CUMULATIVE = 1;

/** The SDK's form of what it has collected, as far as it is read here; the same in its first and second major. */
interface MetricData {
  descriptor: { name: string; description?: string; unit?: string };
  aggregationTemporality: number;
  dataPointType: number;
  isMonotonic?: boolean;
  dataPoints: { startTime: HrTime; endTime: HrTime; attributes: object; value: number | object }[];
}

interface SdkHistogram {
  count: number;
  sum?: number;
  min?: number;
  max?: number;
  buckets: { boundaries: number[]; counts: number[] };
}

interface ResourceMetrics {
  scopeMetrics: {
    scope: { name: string; version?: string; schemaUrl?: string };
    metrics: MetricData[];
  }[];
}

interface SdkMetrics {
  MeterProvider: new (options?: {
    readers: object[];
  }) => MeterProvider & {
    addMetricReader?(reader: object): void;
    forceFlush(): Promise<void>;
  };
  PeriodicExportingMetricReader: new (options: object) => object;
}

/** How collected metrics get on. */
export interface MetricsTarget {
  intervalMs: number;
  /** Sends what was encoded, by scope. */
  send(scopes: readonly ScopedItems[]): void;
}

/** An application's meter provider, and the collection of what it has not sent yet. */
export interface ApplicationMetrics {
  provider: MeterProvider;
  collect(): void;
}

/** Loads the SDK and connects it to `target`; undefined where it is not installed. */
export function startMetrics(target: MetricsTarget): ApplicationMetrics | undefined {
  const sdk = loadForApplication(PACKAGE, 'VENTURI_A022') as SdkMetrics | undefined;
  if (sdk === undefined) return undefined;
  const exportIntervalMillis = target.intervalMs;
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: metricExporter(target),
    exportIntervalMillis,
    exportTimeoutMillis: exportIntervalMillis,
  });
  const isFirstMajor = 'addMetricReader' in sdk.MeterProvider.prototype;
  const provider = isFirstMajor
    ? new sdk.MeterProvider()
    : new sdk.MeterProvider({ readers: [reader] });
  if (isFirstMajor) provider.addMetricReader?.(reader);
  return { provider, collect: () => void provider.forceFlush().catch(() => {}) };
}

/** What the SDK calls a push exporter. */
export interface MetricExporter {
  export(collected: ResourceMetrics, done: (result: { code: number; error?: Error }) => void): void;
  selectAggregationTemporality(type: string): number;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What only goes up is sent as what was added, as the agent's own metrics are. */
export function metricExporter(target: Pick<MetricsTarget, 'send'>): MetricExporter {
  return {
    export(collected, done) {
      try {
        target.send(
          collected.scopeMetrics.map(encodeScope).filter(({ items }) => items.length > 0),
        );
        done({ code: 0 });
      } catch (error) {
        done({ code: 1, error: error as Error });
      }
    },
    selectAggregationTemporality: (type) => (type.includes('UP_DOWN') ? SDK_CUMULATIVE : SDK_DELTA),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function encodeScope({ scope, metrics }: ResourceMetrics['scopeMetrics'][number]): ScopedItems {
  const out = new ByteWriter(4096);
  for (const metric of metrics) {
    const collected = toCollected(metric);
    if (collected !== undefined) encodeMetric(out, collected);
  }
  return { scope: new Scope(scope.name, scope.version, scope.schemaUrl), items: out.bytes() };
}

/** Undefined for kinds that the collector does not store: exponential histograms, which only a view asks for. */
function toCollected(metric: MetricData): CollectedMetric | undefined {
  const type = (TYPES as Record<number, CollectedMetric['type'] | undefined>)[metric.dataPointType];
  if (type === undefined) return undefined;
  const { name, description = '', unit = '' } = metric.descriptor;
  return {
    name,
    description,
    unit,
    type,
    temporality:
      metric.aggregationTemporality === SDK_DELTA ? Temporality.DELTA : Temporality.CUMULATIVE,
    isMonotonic: metric.isMonotonic === true,
    points: metric.dataPoints.map(toPoint),
  };
}

function toPoint(point: MetricData['dataPoints'][number]): CollectedPoint {
  const value = point.value as number | SdkHistogram;
  return {
    startMicros: toMicros(point.startTime),
    timeMicros: toMicros(point.endTime),
    attributes: attributesOf(point),
    value:
      typeof value === 'number'
        ? value
        : {
            count: value.count,
            sum: value.sum,
            min: value.min,
            max: value.max,
            bounds: value.buckets.boundaries,
            bucketCounts: value.buckets.counts,
          },
  };
}

/** A series is not told apart by a text of pages, and a point has to fit its length on the wire. */
function attributesOf(point: { attributes: object }): unknown[] {
  const { flat } = keepAttributes(point.attributes, limits.attributes);
  return flat.filter((_, i) => weigh(flat[i | 1]) <= ATTRIBUTE_BYTES_MAX);
}

function toMicros([seconds, nanos]: HrTime): number {
  return Math.round(seconds * 1e6 + nanos / 1000);
}
