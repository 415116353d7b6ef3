// Encodes metrics that OpenTelemetry's SDK has collected for an application.

import { writeAnyAttributes } from './any-value.js';
import { type ByteWriter, WIRE } from './byte-writer.js';

// opentelemetry/proto/metrics/v1/metrics.proto
//   ScopeMetrics        2 metrics repeated Metric
//   Metric              1 name string · 2 description string · 3 unit string · 5 gauge Gauge · 7 sum Sum
//                       9 histogram Histogram
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
const DESCRIPTION_FIELD = 2;
const UNIT_FIELD = 3;
const DATA_FIELDS = { gauge: 5, sum: 7, histogram: 9 } as const;
const POINTS_FIELD = 1;
const TEMPORALITY_FIELD = 2;
const MONOTONIC_FIELD = 3;
const START_TIME_FIELD = 2;
const TIME_FIELD = 3;
const AS_DOUBLE_FIELD = 4;
const NUMBER_ATTRIBUTES_FIELD = 7;
const COUNT_FIELD = 4;
const SUM_FIELD = 5;
const BUCKET_COUNTS_FIELD = 6;
const BOUNDS_FIELD = 7;
const HISTOGRAM_ATTRIBUTES_FIELD = 9;
const MIN_FIELD = 11;
const MAX_FIELD = 12;

/** A metric with many points is written as several, since a length on the wire is limited. */
const METRIC_BYTES_MAX = 256 * 1024;

/** Whether values count from the last export or from the start. */
export const Temporality = { DELTA: 1, CUMULATIVE: 2 } as const;

/** The values of a histogram. */
interface HistogramValue {
  count: number;
  sum: number | undefined;
  min: number | undefined;
  max: number | undefined;
  /** Upper bounds, ascending; one fewer than `bucketCounts`. */
  bounds: readonly number[];
  bucketCounts: readonly number[];
}

/** One point. Times are in microseconds since 1970. */
export interface CollectedPoint {
  startMicros: number;
  timeMicros: number;
  /** `[name, value, ...]` */
  attributes: readonly unknown[];
  value: number | HistogramValue;
}

/** One metric of one scope. */
export interface CollectedMetric {
  name: string;
  description: string;
  unit: string;
  type: keyof typeof DATA_FIELDS;
  temporality: (typeof Temporality)[keyof typeof Temporality];
  isMonotonic: boolean;
  points: readonly CollectedPoint[];
}

/** Appends a metric to a list of ScopeMetrics.metrics. */
export function encodeMetric(out: ByteWriter, metric: CollectedMetric): void {
  for (let from = 0; from < metric.points.length; ) from = writePart(out, metric, from);
}

/** @returns the point that the next part begins with */
function writePart(out: ByteWriter, metric: CollectedMetric, from: number): number {
  const { type, points } = metric;
  const mark = out.beginMessage(METRICS_FIELD);
  out.string(NAME_FIELD, metric.name);
  if (metric.description !== '') out.string(DESCRIPTION_FIELD, metric.description);
  if (metric.unit !== '') out.string(UNIT_FIELD, metric.unit);
  const data = out.beginMessage(DATA_FIELDS[type]);
  let to = from;
  while (to < points.length && out.pos - mark < METRIC_BYTES_MAX) {
    const point = out.beginMessage(POINTS_FIELD);
    writePoint(out, points[to] as CollectedPoint);
    out.endMessage(point);
    to++;
  }
  if (type !== 'gauge') writeVarint(out, TEMPORALITY_FIELD, metric.temporality);
  if (type === 'sum' && metric.isMonotonic) writeVarint(out, MONOTONIC_FIELD, 1);
  out.endMessage(data);
  out.endMessage(mark);
  return to;
}

function writePoint(out: ByteWriter, point: CollectedPoint): void {
  writeTime(out, START_TIME_FIELD, point.startMicros);
  writeTime(out, TIME_FIELD, point.timeMicros);
  const { value, attributes } = point;
  if (typeof value === 'number') {
    writeDouble(out, AS_DOUBLE_FIELD, value);
    writeAnyAttributes(out, NUMBER_ATTRIBUTES_FIELD, attributes);
    return;
  }
  out.tag(COUNT_FIELD, WIRE.fixed64);
  out.fixed64(value.count);
  writeDouble(out, SUM_FIELD, value.sum);
  out.tag(BUCKET_COUNTS_FIELD, WIRE.bytes);
  out.varint(value.bucketCounts.length * 8);
  for (const count of value.bucketCounts) out.fixed64(count);
  out.tag(BOUNDS_FIELD, WIRE.bytes);
  out.varint(value.bounds.length * 8);
  for (const bound of value.bounds) out.double(bound);
  writeAnyAttributes(out, HISTOGRAM_ATTRIBUTES_FIELD, attributes);
  writeDouble(out, MIN_FIELD, value.min);
  writeDouble(out, MAX_FIELD, value.max);
}

function writeTime(out: ByteWriter, field: number, micros: number): void {
  out.tag(field, WIRE.fixed64);
  out.fixed64Micros(micros);
}

function writeDouble(out: ByteWriter, field: number, value: number | undefined): void {
  if (value === undefined) return;
  out.tag(field, WIRE.fixed64);
  out.double(value);
}

function writeVarint(out: ByteWriter, field: number, value: number): void {
  out.tag(field, WIRE.varint);
  out.varint(value);
}
