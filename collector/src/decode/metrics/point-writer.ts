// Writes one NumberDataPoint as a row of `metric_points`.
import type { Series } from '../columns/series.js';
import { Slice } from '../columns/slice.js';
import type { DecodeContext } from '../limits.js';
import type { Resource } from '../resource/resource.js';
import { tenantName } from '../resource/resources-table.js';
import { TextMapWriter } from '../text-map.js';
import { type Place, pushRange } from '../wire/place.js';
import { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';
import { nanosToMs, putUint64, type TimeWindow } from '../wire/times.js';
import type { OriginColumns, PointsTable } from './points-table.js';

/** What all points of a metric have in common. */
export interface MetricOrigin {
  readonly resource: Resource;
  readonly name: Place;
  readonly unit: Place;
  /** Value of metric_points.type. */
  readonly type: number;
  readonly temporality: number;
}

/** What became of a point; `empty` is one whose flags say that nothing was recorded. */
export type PointFate = 'written' | 'rejected' | 'empty';

/** DataPointFlags.NO_RECORDED_VALUE_MASK. */
export const noRecordedValue = 1;

/** Writes the columns that both kinds of points have. */
export class OriginWriter {
  readonly attributes = new Ranges();
  readonly #reader: Reader;
  readonly #context: DecodeContext;
  readonly #window: TimeWindow;
  readonly #maps: TextMapWriter;
  readonly #slice = new Slice();

  constructor(reader: Reader, context: DecodeContext, window: TimeWindow) {
    this.#reader = reader;
    this.#context = context;
    this.#window = window;
    this.#maps = new TextMapWriter(reader, context, context.limits.valueBytesMax);
  }

  /** Times are milliseconds; `attributes` must hold the point's. */
  write(
    columns: OriginColumns,
    row: number,
    point: { origin: MetricOrigin; startMs: number; timeMs: number },
  ): void {
    const { resource, temporality } = point.origin;
    const slice = this.#slice;
    columns.tenant.set(row, slice.whole(tenantName));
    columns.service.set(row, slice.whole(resource.service));
    columns.metric.set(row, this.#point(point.origin.name));
    columns.unit.set(row, this.#point(point.origin.unit));
    columns.resource_id.values[row * 2] = resource.idLo;
    columns.resource_id.values[row * 2 + 1] = resource.idHi;
    columns.temporality.values[row] = temporality;
    const ms = this.#window.clamp(point.timeMs);
    if (ms !== point.timeMs) this.#context.counters.add('timestampsClamped');
    putUint64(columns.ts.values, row, ms);
    putUint64(columns.start_ts.values, row, point.startMs);
    this.#maps.write(columns.attrs, row, this.attributes);
  }

  #point(place: Place): Slice {
    this.#slice.source = this.#reader.bytes;
    this.#slice.point(place.start, place.end).limit(this.#context.limits.valueBytesMax);
    return this.#slice;
  }
}

export class PointWriter {
  readonly #reader: Reader;
  readonly #origin: OriginWriter;

  constructor(reader: Reader, context: DecodeContext, window: TimeWindow) {
    this.#reader = reader;
    this.#origin = new OriginWriter(reader, context, window);
  }

  /**
   * NumberDataPoint: 2 start_time_unix_nano, 3 time_unix_nano, 4 as_double, 6 as_int (sfixed64),
   * 7 attributes, 8 flags.
   */
  write(end: number, series: Series<PointsTable>, origin: MetricOrigin): PointFate {
    const reader = this.#reader;
    const { attributes } = this.#origin;
    attributes.clear();
    let startMs = 0;
    let timeMs = 0;
    let flags = 0;
    let value: number | undefined;
    while (reader.next(end)) {
      if (reader.field === 2) {
        reader.fixed64();
        startMs = nanosToMs(reader.lo, reader.hi);
      } else if (reader.field === 3) {
        reader.fixed64();
        timeMs = nanosToMs(reader.lo, reader.hi);
      } else if (reader.field === 4) value = reader.double();
      else if (reader.field === 6) {
        reader.fixed64();
        value = reader.signed();
      } else if (reader.field === 7) pushRange(reader, end, attributes);
      else if (reader.field === 8) flags = reader.varint();
      else reader.skip(end);
    }
    if (value === undefined || (flags & noRecordedValue) !== 0) return 'empty';
    const { table, columns } = series.writable();
    const row = table.openRow();
    this.#origin.write(columns, row, { origin, startMs, timeMs });
    columns.type.values[row] = origin.type;
    columns.value.values[row] = value;
    table.commitRow();
    return 'written';
  }
}
