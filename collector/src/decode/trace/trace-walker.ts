// Walks an ExportTraceServiceRequest and writes its spans as rows.

import type { BlockTables } from '../block.js';
import { Slice } from '../columns/slice.js';
import type { DecodeContext } from '../limits.js';
import { Envelope, type SignalReader } from '../resource/envelope.js';
import type { Resource } from '../resource/resource.js';
import { tenantName } from '../resource/resources-table.js';
import type { Senders } from '../resource/senders.js';
import { Place, pushRange } from '../wire/place.js';
import { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';
import type { TimeWindow } from '../wire/times.js';
import { SpanFields } from './span-fields.js';
import { type SpanOrigin, SpanWriter } from './span-writer.js';
import type { SpansTable } from './spans-table.js';

export class TraceWalker implements SignalReader {
  accepted = 0;
  rejected = 0;
  readonly #reader: Reader;
  readonly #context: DecodeContext;
  readonly #envelope: Envelope;
  readonly #writer: SpanWriter;
  readonly #span = new SpanFields();
  readonly #slice = new Slice();
  readonly #spans = new Ranges();
  readonly #scopeName = new Place();
  readonly #origin: SpanOrigin = { tenant: 0, service: 0, env: 0, scope: 0, idLo: 0, idHi: 0 };

  constructor(reader: Reader, context: DecodeContext, parts: Senders & { window: TimeWindow }) {
    this.#reader = reader;
    this.#context = context;
    this.#envelope = new Envelope(reader, context, parts);
    this.#writer = new SpanWriter(reader, context, parts.window);
  }

  /** ExportTraceServiceRequest: 1 resource_spans. Throws MALFORMED_OTLP half way. */
  walk(end: number, block: BlockTables): void {
    this.accepted = 0;
    this.rejected = 0;
    this.#writer.reset();
    this.#envelope.walk(end, block, this);
  }

  /** ScopeSpans: 1 scope, 2 spans. */
  readScope(end: number, resource: Resource, block: BlockTables): void {
    const reader = this.#reader;
    this.#scopeName.clear();
    this.#spans.clear();
    while (reader.next(end)) {
      if (reader.field === 1) this.#readInstrumentation(reader.delimited(end));
      else if (reader.field === 2) pushRange(reader, end, this.#spans);
      else reader.skip(end);
    }
    let target: SpansTable | undefined;
    for (let index = 0; index < this.#spans.count; index += 1) {
      reader.pos = this.#spans.start(index);
      this.#span.read(reader, this.#spans.end(index));
      if (!this.#writer.accepts(this.#span)) {
        this.rejected += 1;
        continue;
      }
      const writable = block.spans.writable();
      if (writable !== target) {
        target = writable;
        this.#bind(target, resource);
      }
      this.#writer.write(target, this.#span, this.#origin);
      this.accepted += 1;
    }
  }

  /** InstrumentationScope: 1 name. */
  #readInstrumentation(end: number): void {
    const reader = this.#reader;
    while (reader.next(end)) {
      if (reader.field === 1) this.#scopeName.read(reader, end);
      else reader.skip(end);
    }
  }

  #bind(target: SpansTable, resource: Resource): void {
    const slice = this.#slice;
    const { columns } = target;
    const origin = this.#origin;
    origin.tenant = columns.tenant.intern(slice.whole(tenantName));
    origin.service = columns.service.intern(slice.whole(resource.service));
    origin.env = columns.env.intern(slice.whole(resource.env));
    slice.source = this.#reader.bytes;
    slice
      .point(this.#scopeName.start, this.#scopeName.end)
      .limit(this.#context.limits.valueBytesMax);
    origin.scope = columns.scope.intern(slice);
    origin.idLo = resource.idLo;
    origin.idHi = resource.idHi;
  }
}
