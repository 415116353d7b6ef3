// The fields of one Span message, found in one pass over its bytes in whatever order they come.
import { Place, pushRange } from '../wire/place.js';
import { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';

const kindMax = 5;
const statusMax = 2;

/**
 * Span: 1 trace_id, 2 span_id, 3 trace_state, 4 parent_span_id, 5 name, 6 kind, 7 start_time_unix_nano,
 * 8 end_time_unix_nano, 9 attributes, 11 events, 13 links, 15 status; others are passed over.
 * Ids, times and texts are places in the reader's bytes.
 */
export class SpanFields {
  readonly traceId = new Place();
  readonly spanId = new Place();
  readonly traceState = new Place();
  readonly parentId = new Place();
  readonly name = new Place();
  readonly statusMessage = new Place();
  readonly attributes = new Ranges();
  readonly events = new Ranges();
  readonly links = new Ranges();
  kind = 0;
  status = 0;
  startLo = 0;
  startHi = 0;
  endLo = 0;
  endHi = 0;

  read(reader: Reader, end: number): void {
    this.#clear();
    while (reader.next(end)) this.#readField(reader, end);
  }

  #clear(): void {
    this.traceId.clear();
    this.spanId.clear();
    this.traceState.clear();
    this.parentId.clear();
    this.name.clear();
    this.statusMessage.clear();
    this.attributes.clear();
    this.events.clear();
    this.links.clear();
    this.kind = 0;
    this.status = 0;
    this.startLo = 0;
    this.startHi = 0;
    this.endLo = 0;
    this.endHi = 0;
  }

  #readField(reader: Reader, end: number): void {
    switch (reader.field) {
      case 1:
        this.traceId.read(reader, end);
        break;
      case 2:
        this.spanId.read(reader, end);
        break;
      case 3:
        this.traceState.read(reader, end);
        break;
      case 4:
        this.parentId.read(reader, end);
        break;
      case 5:
        this.name.read(reader, end);
        break;
      case 6:
        this.kind = reader.varint() <= kindMax ? reader.lo : 0;
        break;
      case 7:
        reader.fixed64();
        this.startLo = reader.lo;
        this.startHi = reader.hi;
        break;
      case 8:
        reader.fixed64();
        this.endLo = reader.lo;
        this.endHi = reader.hi;
        break;
      case 9:
        pushRange(reader, end, this.attributes);
        break;
      case 11:
        pushRange(reader, end, this.events);
        break;
      case 13:
        pushRange(reader, end, this.links);
        break;
      case 15:
        this.#readStatus(reader, reader.delimited(end));
        break;
      default:
        reader.skip(end);
    }
  }

  /** Status: 2 message, 3 code. */
  #readStatus(reader: Reader, end: number): void {
    while (reader.next(end)) {
      if (reader.field === 2) this.statusMessage.read(reader, end);
      else if (reader.field === 3) this.status = reader.varint() <= statusMax ? reader.lo : 0;
      else reader.skip(end);
    }
  }
}
