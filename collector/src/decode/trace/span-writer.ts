// Writes one span as a row: ids, times, texts, attributes, events and links.
import { Slice } from '../columns/slice.js';
import type { StringColumn } from '../columns/strings.js';
import type { DecodeContext } from '../limits.js';
import type { Place } from '../wire/place.js';
import type { Reader } from '../wire/reader.js';
import { nanosToMs, putMsAsNanos, type TimeWindow } from '../wire/times.js';
import { EventWriter } from './events.js';
import { SpanAttributes } from './span-attributes.js';
import type { SpanFields } from './span-fields.js';
import type { SpanColumns, SpansTable } from './spans-table.js';
import { sampleWeight } from './trace-state.js';

const traceIdBytes = 16;
const spanIdBytes = 8;
const server = 2;
const consumer = 5;

/** What all spans of one scope have in common, as numbers in the dictionaries of a table. */
export interface SpanOrigin {
  tenant: number;
  service: number;
  env: number;
  scope: number;
  idLo: number;
  idHi: number;
}

export class SpanWriter {
  readonly #reader: Reader;
  readonly #context: DecodeContext;
  readonly #window: TimeWindow;
  readonly #attributes: SpanAttributes;
  readonly #events: EventWriter;
  readonly #slice = new Slice();

  constructor(reader: Reader, context: DecodeContext, window: TimeWindow) {
    this.#reader = reader;
    this.#context = context;
    this.#window = window;
    this.#attributes = new SpanAttributes(reader, context);
    this.#events = new EventWriter(reader, context);
  }

  /** Whether the ids have the lengths that OTLP says and are not all zero. */
  accepts(span: SpanFields): boolean {
    const { traceId, spanId, parentId } = span;
    const { bytes } = this.#reader;
    if (traceId.length !== traceIdBytes || traceId.isZero(bytes)) return false;
    if (spanId.length !== spanIdBytes || spanId.isZero(bytes)) return false;
    return parentId.length === 0 || parentId.length === spanIdBytes;
  }

  /** Writes a span that was accepted. Throws MALFORMED_OTLP; the caller then undoes the request. */
  write(target: SpansTable, span: SpanFields, origin: SpanOrigin): void {
    const { table, columns } = target;
    const row = table.openRow();
    columns.tenant.indexes[row] = origin.tenant;
    columns.service.indexes[row] = origin.service;
    columns.env.indexes[row] = origin.env;
    columns.scope.indexes[row] = origin.scope;
    columns.resource_id.values[row * 2] = origin.idLo;
    columns.resource_id.values[row * 2 + 1] = origin.idHi;
    columns.kind.values[row] = span.kind;
    columns.status.values[row] = span.status;
    columns.is_entry.values[row] = span.kind === server || span.kind === consumer ? 1 : 0;
    this.#writeIds(columns, row, span);
    this.#writeTimes(columns, row, span);
    this.#writeTexts(columns, row, span);
    this.#attributes.write(target, row, span);
    this.#events.write(columns, row, span);
    table.commitRow();
  }

  /** Forgets a span that turned out to be malformed half way. */
  reset(): void {
    this.#attributes.reset();
  }

  #writeIds(columns: SpanColumns, row: number, span: SpanFields): void {
    const { bytes } = this.#reader;
    const traceIds = columns.trace_id.values;
    const from = span.traceId.start;
    for (let index = 0; index < traceIdBytes; index += 1) {
      traceIds[row * traceIdBytes + index] = bytes[from + index] as number;
    }
    // A span id is a 48-bit prefix and a 16-bit sequence, both in network order.
    const id = span.spanId.start;
    columns.span_prefix.values[row * 2] = bytes.readUInt32BE(id + 2);
    columns.span_prefix.values[row * 2 + 1] = bytes.readUInt16BE(id);
    columns.span_seq.values[row] = bytes.readUInt16BE(id + 6);
    if (span.parentId.length === 0) return;
    const parent = span.parentId.start;
    columns.parent_prefix.values[row * 2] = bytes.readUInt32BE(parent + 2);
    columns.parent_prefix.values[row * 2 + 1] = bytes.readUInt16BE(parent);
    columns.parent_seq.values[row] = bytes.readUInt16BE(parent + 6);
  }

  #writeTimes(columns: SpanColumns, row: number, span: SpanFields): void {
    const { counters } = this.#context;
    const ms = nanosToMs(span.startLo, span.startHi);
    const ts = columns.ts.values;
    if (ms >= this.#window.minMs && ms <= this.#window.maxMs) {
      ts[row * 2] = span.startLo;
      ts[row * 2 + 1] = span.startHi;
    } else {
      counters.add('timestampsClamped');
      putMsAsNanos(ts, row, this.#window.clamp(ms));
    }
    const endsFirst =
      span.endHi < span.startHi || (span.endHi === span.startHi && span.endLo < span.startLo);
    if (endsFirst) {
      counters.add('durationsClamped');
      return;
    }
    const borrow = span.endLo < span.startLo ? 1 : 0;
    columns.duration_ns.values[row * 2] = span.endLo - span.startLo;
    columns.duration_ns.values[row * 2 + 1] = span.endHi - span.startHi - borrow;
  }

  #writeTexts(columns: SpanColumns, row: number, span: SpanFields): void {
    const { limits, counters } = this.#context;
    const slice = this.#point(span.name);
    if (slice.limit(limits.valueBytesMax)) counters.add('valuesTruncated');
    columns.name.set(row, slice);
    if (span.statusMessage.length > 0)
      this.#writeText(columns.status_message, row, span.statusMessage);
    let weight = 1;
    if (span.traceState.length > 0) {
      this.#writeText(columns.trace_state, row, span.traceState);
      weight = sampleWeight(this.#slice.text());
    }
    columns.sample_weight.values[row] = weight;
  }

  #writeText(column: StringColumn, row: number, place: Place): void {
    const slice = this.#point(place);
    if (slice.limit(this.#context.limits.valueBytesMax))
      this.#context.counters.add('valuesTruncated');
    column.set(row, slice);
  }

  #point(place: Place): Slice {
    this.#slice.source = this.#reader.bytes;
    return this.#slice.point(place.start, place.end);
  }
}
