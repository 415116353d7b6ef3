// Writes one HistogramDataPoint as a row of `metric_histograms`.
import type { Series } from '../columns/series.js';
import type { DecodeContext } from '../limits.js';
import { pushRange } from '../wire/place.js';
import { Ranges } from '../wire/ranges.js';
import { DELIMITED, malformed, type Reader } from '../wire/reader.js';
import { nanosToMs, type TimeWindow } from '../wire/times.js';
import {
  type MetricOrigin,
  noRecordedValue,
  OriginWriter,
  type PointFate,
} from './point-writer.js';
import type { HistogramColumns, HistogramsTable } from './points-table.js';

const wordBytes = 8;

/** A repeated field of eight-byte numbers, packed or one by one. */
class Numbers {
  readonly #ranges = new Ranges();
  count = 0;

  clear(): void {
    this.#ranges.clear();
    this.count = 0;
  }

  read(reader: Reader, end: number): void {
    if (reader.wireType === DELIMITED) {
      const from = reader.pos;
      pushRange(reader, end, this.#ranges);
      const last = this.#ranges.count - 1;
      const bytes = this.#ranges.end(last) - this.#ranges.start(last);
      if (bytes % wordBytes !== 0 || reader.pos < from) malformed('a packed number is cut off');
      this.count += bytes / wordBytes;
    } else {
      reader.fixed64();
      this.#ranges.push(reader.pos - wordBytes, reader.pos);
      this.count += 1;
    }
  }

  /** Calls `visit` with the place of each number. */
  each(visit: (at: number) => void): void {
    for (let index = 0; index < this.#ranges.count; index += 1) {
      const end = this.#ranges.end(index);
      for (let at = this.#ranges.start(index); at < end; at += wordBytes) visit(at);
    }
  }
}

export class HistogramWriter {
  readonly #reader: Reader;
  readonly #origin: OriginWriter;
  readonly #counts = new Numbers();
  readonly #bounds = new Numbers();
  #startMs = 0;
  #timeMs = 0;
  #flags = 0;
  #countLo = 0;
  #countHi = 0;
  #sum = 0;
  #min = 0;
  #max = 0;

  constructor(reader: Reader, context: DecodeContext, window: TimeWindow) {
    this.#reader = reader;
    this.#origin = new OriginWriter(reader, context, window);
  }

  write(end: number, series: Series<HistogramsTable>, origin: MetricOrigin): PointFate {
    this.#clear();
    while (this.#reader.next(end)) this.#readField(end);
    if ((this.#flags & noRecordedValue) !== 0) return 'empty';
    if (this.#counts.count !== 0 && this.#counts.count !== this.#bounds.count + 1)
      return 'rejected';
    const { table, columns } = series.writable();
    const row = table.openRow();
    this.#origin.write(columns, row, { origin, startMs: this.#startMs, timeMs: this.#timeMs });
    columns.count.values[row * 2] = this.#countLo;
    columns.count.values[row * 2 + 1] = this.#countHi;
    columns.sum.values[row] = this.#sum;
    columns.min.values[row] = this.#min;
    columns.max.values[row] = this.#max;
    this.#writeBuckets(columns, row);
    table.commitRow();
    return 'written';
  }

  #clear(): void {
    this.#origin.attributes.clear();
    this.#counts.clear();
    this.#bounds.clear();
    this.#startMs = 0;
    this.#timeMs = 0;
    this.#flags = 0;
    this.#countLo = 0;
    this.#countHi = 0;
    this.#sum = 0;
    this.#min = 0;
    this.#max = 0;
  }

  /**
   * HistogramDataPoint: 2 start_time_unix_nano, 3 time_unix_nano, 4 count (fixed64), 5 sum (double),
   * 6 bucket_counts (fixed64), 7 explicit_bounds (double), 9 attributes, 10 flags, 11 min, 12 max.
   */
  #readField(end: number): void {
    const reader = this.#reader;
    switch (reader.field) {
      case 2:
        reader.fixed64();
        this.#startMs = nanosToMs(reader.lo, reader.hi);
        break;
      case 3:
        reader.fixed64();
        this.#timeMs = nanosToMs(reader.lo, reader.hi);
        break;
      case 4:
        reader.fixed64();
        this.#countLo = reader.lo;
        this.#countHi = reader.hi;
        break;
      case 5:
        this.#sum = reader.double();
        break;
      case 6:
        this.#counts.read(reader, end);
        break;
      case 7:
        this.#bounds.read(reader, end);
        break;
      case 9:
        pushRange(reader, end, this.#origin.attributes);
        break;
      case 10:
        this.#flags = reader.varint();
        break;
      case 11:
        this.#min = reader.double();
        break;
      case 12:
        this.#max = reader.double();
        break;
      default:
        reader.skip(end);
    }
  }

  #writeBuckets(columns: HistogramColumns, row: number): void {
    const reader = this.#reader;
    this.#bounds.each((at) => {
      const place = columns.bounds.add(row);
      columns.bounds.elements[0].values[place] = reader.doubleAt(at);
    });
    this.#counts.each((at) => {
      const place = columns.bucket_counts.add(row);
      reader.words(at);
      const { values } = columns.bucket_counts.elements[0];
      values[place * 2] = reader.lo;
      values[place * 2 + 1] = reader.hi;
    });
  }
}
