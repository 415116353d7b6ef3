// Writes the events and the links of a span into their Nested columns.
import { Slice } from '../columns/slice.js';
import type { DecodeContext } from '../limits.js';
import { TextMapWriter } from '../text-map.js';
import { Place, pushRange } from '../wire/place.js';
import { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';
import type { SpanFields } from './span-fields.js';
import type { SpanColumns } from './spans-table.js';

const traceIdBytes = 16;
const spanIdBytes = 8;

export class EventWriter {
  readonly #reader: Reader;
  readonly #context: DecodeContext;
  readonly #maps: TextMapWriter;
  readonly #attributes = new Ranges();
  readonly #slice = new Slice();
  readonly #name = new Place();
  readonly #traceId = new Place();
  readonly #spanId = new Place();

  constructor(reader: Reader, context: DecodeContext) {
    this.#reader = reader;
    this.#context = context;
    // An exception's stack is what an event is read for.
    this.#maps = new TextMapWriter(reader, context, context.limits.longValueBytesMax);
  }

  write(columns: SpanColumns, row: number, span: SpanFields): void {
    const { eventsMax } = this.#context.limits;
    for (let index = 0; index < span.events.count; index += 1) {
      this.#reader.pos = span.events.start(index);
      this.#event(index < eventsMax ? columns : undefined, row, span.events.end(index));
    }
    for (let index = 0; index < span.links.count; index += 1) {
      this.#reader.pos = span.links.start(index);
      this.#link(index < eventsMax ? columns : undefined, row, span.links.end(index));
    }
  }

  /** Event: 1 time_unix_nano, 2 name, 3 attributes. Without columns it is only checked. */
  #event(columns: SpanColumns | undefined, row: number, end: number): void {
    const reader = this.#reader;
    let lo = 0;
    let hi = 0;
    this.#name.clear();
    this.#attributes.clear();
    while (reader.next(end)) {
      if (reader.field === 1) {
        reader.fixed64();
        lo = reader.lo;
        hi = reader.hi;
      } else if (reader.field === 2) this.#name.read(reader, end);
      else if (reader.field === 3) pushRange(reader, end, this.#attributes);
      else reader.skip(end);
    }
    if (!columns) return;
    const times = columns['events.ts'];
    const place = times.add(row);
    times.elements[0].values[place * 2] = lo;
    times.elements[0].values[place * 2 + 1] = hi;
    const names = columns['events.name'];
    this.#slice.source = reader.bytes;
    this.#slice.point(this.#name.start, this.#name.end);
    this.#slice.limit(this.#context.limits.valueBytesMax);
    names.elements[0].set(names.add(row), this.#slice);
    const maps = columns['events.attrs'];
    this.#maps.write(maps.elements[0], maps.add(row), this.#attributes);
  }

  /** Link: 1 trace_id, 2 span_id, 4 attributes. One with ids of a wrong length is left out. */
  #link(columns: SpanColumns | undefined, row: number, end: number): void {
    const reader = this.#reader;
    this.#traceId.clear();
    this.#spanId.clear();
    this.#attributes.clear();
    while (reader.next(end)) {
      if (reader.field === 1) this.#traceId.read(reader, end);
      else if (reader.field === 2) this.#spanId.read(reader, end);
      else if (reader.field === 4) pushRange(reader, end, this.#attributes);
      else reader.skip(end);
    }
    if (this.#traceId.length !== traceIdBytes || this.#spanId.length !== spanIdBytes) return;
    if (!columns) return;
    const traceIds = columns['links.trace_id'];
    const spanIds = columns['links.span_id'];
    const traceAt = traceIds.add(row) * traceIdBytes;
    const spanAt = spanIds.add(row) * spanIdBytes;
    traceIds.elements[0].values.set(
      reader.bytes.subarray(this.#traceId.start, this.#traceId.end),
      traceAt,
    );
    spanIds.elements[0].values.set(
      reader.bytes.subarray(this.#spanId.start, this.#spanId.end),
      spanAt,
    );
    const maps = columns['links.attrs'];
    this.#maps.write(maps.elements[0], maps.add(row), this.#attributes);
  }
}
