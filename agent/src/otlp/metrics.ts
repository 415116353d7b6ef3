// Encodes metric points as an OTLP metrics export request.

import { type AttributeValue, writeAttributes } from './attribute.js';
import { ByteWriter, WIRE } from './byte-writer.js';
import { encodeRequest, type Resource } from './request.js';

// opentelemetry/proto/metrics/v1/metrics.proto
//   ScopeMetrics        2 metrics repeated Metric
//   Metric              1 name string · 3 unit string · 5 gauge Gauge · 7 sum Sum · 9 histogram Histogram
//   Gauge               1 data_points repeated NumberDataPoint
//   Sum                 1 data_points repeated NumberDataPoint · 2 aggregation_temporality enum · 3 is_monotonic bool
//   Histogram           1 data_points repeated HistogramDataPoint · 2 aggregation_temporality enum
//   NumberDataPoint     2 start_time_unix_nano fixed64 · 3 time_unix_nano fixed64 · 4 as_double double
//                       7 attributes repeated KeyValue
//   HistogramDataPoint  2 start_time_unix_nano fixed64 · 3 time_unix_nano fixed64 · 4 count fixed64 · 5 sum double
//                       6 bucket_counts packed fixed64 · 7 explicit_bounds packed double
//                       9 attributes repeated KeyValue · 11 min double · 12 max double
const METRICS_FIELD = 2;
const NAME_FIELD = 1;
const UNIT_FIELD = 3;
const GAUGE_FIELD = 5;
const SUM_FIELD = 7;
const HISTOGRAM_FIELD = 9;
const POINTS_FIELD = 1;
const TEMPORALITY_FIELD = 2;
const MONOTONIC_FIELD = 3;
const START_TIME_FIELD = 2;
const TIME_FIELD = 3;
const AS_DOUBLE_FIELD = 4;
const NUMBER_ATTRIBUTES_TAG = 0x3a;
const COUNT_FIELD = 4;
const SUM_OF_VALUES_FIELD = 5;
const BUCKET_COUNTS_FIELD = 6;
const BOUNDS_FIELD = 7;
const HISTOGRAM_ATTRIBUTES_TAG = 0x4a;
const MIN_FIELD = 11;
const MAX_FIELD = 12;
const TEMPORALITY_DELTA = 1;

interface PointBase {
  name: string;
  /** UCUM, as in `s`, `By`, `1`. */
  unit: string;
  attributes?: Readonly<Record<string, AttributeValue>>;
  /** Milliseconds since 1970, fractions allowed. */
  timeUnixMs: number;
}

/** A value that was read at a moment. */
export interface GaugePoint extends PointBase {
  type: 'gauge';
  value: number;
}

/** What was added since `startUnixMs`: a monotonic sum of delta temporality. */
export interface SumPoint extends PointBase {
  type: 'sum';
  startUnixMs: number;
  value: number;
}

/** Values counted in buckets since `startUnixMs`, of delta temporality. */
export interface HistogramPoint extends PointBase {
  type: 'histogram';
  startUnixMs: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Upper bounds, ascending; one fewer than `bucketCounts`. */
  bounds: readonly number[];
  bucketCounts: readonly number[];
}

/** One point of one metric. */
export type MetricPoint = GaugePoint | SumPoint | HistogramPoint;

/**
 * Encodes an ExportMetricsServiceRequest. Points that follow each other and share name and type become one metric.
 * @returns the bytes of the request, not compressed
 */
export function encodeMetrics(resource: Resource, points: readonly MetricPoint[]): Buffer {
  const out = new ByteWriter(4096);
  for (let from = 0; from < points.length; ) {
    const first = points[from] as MetricPoint;
    let to = from + 1;
    while (to < points.length && isSameMetric(points[to] as MetricPoint, first)) to++;
    writeMetric(out, points.slice(from, to));
    from = to;
  }
  return encodeRequest(resource, out.bytes());
}

function isSameMetric(a: MetricPoint, b: MetricPoint): boolean {
  return a.name === b.name && a.type === b.type && a.unit === b.unit;
}

function writeMetric(out: ByteWriter, points: readonly MetricPoint[]): void {
  const { name, unit, type } = points[0] as MetricPoint;
  const metric = out.beginMessage(METRICS_FIELD);
  out.string(NAME_FIELD, name);
  out.string(UNIT_FIELD, unit);
  const data = out.beginMessage(dataField(type));
  for (const point of points) {
    const mark = out.beginMessage(POINTS_FIELD);
    if (point.type === 'histogram') writeHistogramPoint(out, point);
    else writeNumberPoint(out, point);
    out.endMessage(mark);
  }
  if (type !== 'gauge') writeVarintField(out, TEMPORALITY_FIELD, TEMPORALITY_DELTA);
  if (type === 'sum') writeVarintField(out, MONOTONIC_FIELD, 1);
  out.endMessage(data);
  out.endMessage(metric);
}

function dataField(type: MetricPoint['type']): number {
  if (type === 'gauge') return GAUGE_FIELD;
  return type === 'sum' ? SUM_FIELD : HISTOGRAM_FIELD;
}

function writeNumberPoint(out: ByteWriter, point: GaugePoint | SumPoint): void {
  if (point.type === 'sum') writeTime(out, START_TIME_FIELD, point.startUnixMs);
  writeTime(out, TIME_FIELD, point.timeUnixMs);
  writeDouble(out, AS_DOUBLE_FIELD, point.value);
  writeAttributes(out, NUMBER_ATTRIBUTES_TAG, Object.entries(point.attributes ?? {}).flat());
}

function writeHistogramPoint(out: ByteWriter, point: HistogramPoint): void {
  writeTime(out, START_TIME_FIELD, point.startUnixMs);
  writeTime(out, TIME_FIELD, point.timeUnixMs);
  out.tag(COUNT_FIELD, WIRE.fixed64);
  out.fixed64(point.count);
  writeDouble(out, SUM_OF_VALUES_FIELD, point.sum);
  out.tag(BUCKET_COUNTS_FIELD, WIRE.bytes);
  out.varint(point.bucketCounts.length * 8);
  for (const count of point.bucketCounts) out.fixed64(count);
  out.tag(BOUNDS_FIELD, WIRE.bytes);
  out.varint(point.bounds.length * 8);
  for (const bound of point.bounds) out.double(bound);
  writeAttributes(out, HISTOGRAM_ATTRIBUTES_TAG, Object.entries(point.attributes ?? {}).flat());
  writeDouble(out, MIN_FIELD, point.min);
  writeDouble(out, MAX_FIELD, point.max);
}

function writeTime(out: ByteWriter, field: number, unixMs: number): void {
  out.tag(field, WIRE.fixed64);
  out.fixed64Micros(Math.round(unixMs * 1000));
}

function writeDouble(out: ByteWriter, field: number, value: number): void {
  out.tag(field, WIRE.fixed64);
  out.double(value);
}

function writeVarintField(out: ByteWriter, field: number, value: number): void {
  out.tag(field, WIRE.varint);
  out.varint(value);
}
