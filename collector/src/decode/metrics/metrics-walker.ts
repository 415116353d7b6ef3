// Walks an ExportMetricsServiceRequest and writes its points as rows.
import type { BlockTables } from '../block.js';
import type { DecodeContext } from '../limits.js';
import { Envelope, type SignalReader } from '../resource/envelope.js';
import type { Resource } from '../resource/resource.js';
import type { Senders } from '../resource/senders.js';
import { Place, pushRange } from '../wire/place.js';
import { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';
import type { TimeWindow } from '../wire/times.js';
import { HistogramWriter } from './histogram-writer.js';
import { type MetricOrigin, PointWriter } from './point-writer.js';

/** Members of Metric's `oneof data`; the numbers are the field numbers. */
const gauge = 5;
const sum = 7;
const histogram = 9;
const exponentialHistogram = 10;
const summary = 11;

/** Values of metric_points.type. */
const gaugeType = 1;
const sumType = 2;

const temporalityMax = 2;

export class MetricsWalker implements SignalReader {
  accepted = 0;
  rejected = 0;
  withoutValue = 0;
  readonly #reader: Reader;
  readonly #envelope: Envelope;
  readonly #points: PointWriter;
  readonly #histograms: HistogramWriter;
  readonly #data = new Ranges();
  readonly #dataFields: number[] = [];
  readonly #dataPoints = new Ranges();
  readonly #name = new Place();
  readonly #unit = new Place();

  constructor(reader: Reader, context: DecodeContext, parts: Senders & { window: TimeWindow }) {
    this.#reader = reader;
    this.#envelope = new Envelope(reader, context, parts);
    this.#points = new PointWriter(reader, context, parts.window);
    this.#histograms = new HistogramWriter(reader, context, parts.window);
  }

  /** ExportMetricsServiceRequest: 1 resource_metrics. Throws MALFORMED_OTLP half way. */
  walk(end: number, block: BlockTables): void {
    this.accepted = 0;
    this.rejected = 0;
    this.withoutValue = 0;
    this.#envelope.walk(end, block, this);
  }

  /** ScopeMetrics: 2 metrics. */
  readScope(end: number, resource: Resource, block: BlockTables): void {
    const reader = this.#reader;
    while (reader.next(end)) {
      if (reader.field === 2) this.#metric(reader.delimited(end), resource, block);
      else reader.skip(end);
    }
  }

  /** Metric: 1 name, 3 unit, 5 gauge, 7 sum, 9 histogram, 10 exponential_histogram, 11 summary. */
  #metric(end: number, resource: Resource, block: BlockTables): void {
    const reader = this.#reader;
    this.#name.clear();
    this.#unit.clear();
    this.#data.clear();
    this.#dataFields.length = 0;
    while (reader.next(end)) {
      const field = reader.field;
      if (field === 1) this.#name.read(reader, end);
      else if (field === 3) this.#unit.read(reader, end);
      else if (field === gauge || field === sum || (field >= histogram && field <= summary)) {
        this.#dataFields.push(field);
        pushRange(reader, end, this.#data);
      } else reader.skip(end);
    }
    for (let index = 0; index < this.#data.count; index += 1) {
      reader.pos = this.#data.start(index);
      this.#dataOf(this.#dataFields[index] as number, this.#data.end(index), { resource, block });
    }
    reader.pos = end;
  }

  /** Gauge, Sum, Histogram and the like: 1 data_points, 2 aggregation_temporality. */
  #dataOf(field: number, end: number, to: { resource: Resource; block: BlockTables }): void {
    const reader = this.#reader;
    let temporality = 0;
    this.#dataPoints.clear();
    while (reader.next(end)) {
      if (reader.field === 1) pushRange(reader, end, this.#dataPoints);
      else if (reader.field === 2 && field !== gauge) {
        temporality = reader.varint() <= temporalityMax ? reader.lo : 0;
      } else reader.skip(end);
    }
    const origin: MetricOrigin = {
      resource: to.resource,
      name: this.#name,
      unit: this.#unit,
      type: field === gauge ? gaugeType : sumType,
      temporality,
    };
    const points = this.#dataPoints;
    if (field === exponentialHistogram || field === summary) {
      this.rejected += points.count;
      return;
    }
    for (let index = 0; index < points.count; index += 1) {
      reader.pos = points.start(index);
      const stop = points.end(index);
      const written =
        field === histogram
          ? this.#histograms.write(stop, to.block.histograms, origin)
          : this.#points.write(stop, to.block.points, origin);
      if (written === 'written') this.accepted += 1;
      else if (written === 'rejected') this.rejected += 1;
      else this.withoutValue += 1;
    }
  }
}
