// Walks what every OTLP request is wrapped in: resources, each with scopes, each with what was recorded.
import type { BlockTables } from '../block.js';
import type { DecodeContext } from '../limits.js';
import { pushRange } from '../wire/place.js';
import { Ranges } from '../wire/ranges.js';
import type { Reader } from '../wire/reader.js';
import type { Resource } from './resource.js';
import type { Senders } from './senders.js';

/** What reads one signal. */
export interface SignalReader {
  /** Rows written since the walk began. */
  readonly accepted: number;
  /** Reads a ScopeSpans, ScopeMetrics or ScopeLogs that ends at `end`. */
  readScope(end: number, resource: Resource, block: BlockTables): void;
}

export class Envelope {
  readonly #reader: Reader;
  readonly #context: DecodeContext;
  readonly #senders: Senders;
  readonly #resource = new Ranges();
  readonly #scopes = new Ranges();

  constructor(reader: Reader, context: DecodeContext, senders: Senders) {
    this.#reader = reader;
    this.#context = context;
    this.#senders = senders;
  }

  /** Export{Trace,Metrics,Logs}ServiceRequest: 1 resource_*. Throws MALFORMED_OTLP half way. */
  walk(end: number, block: BlockTables, signal: SignalReader): void {
    const reader = this.#reader;
    while (reader.next(end)) {
      if (reader.field === 1) this.#walkResource(reader.delimited(end), block, signal);
      else reader.skip(end);
    }
  }

  /** Resource{Spans,Metrics,Logs}: 1 resource, 2 scope_*. The resource may come after what it describes. */
  #walkResource(end: number, block: BlockTables, signal: SignalReader): void {
    const reader = this.#reader;
    this.#resource.clear();
    this.#scopes.clear();
    while (reader.next(end)) {
      if (reader.field === 1) pushRange(reader, end, this.#resource);
      else if (reader.field === 2) pushRange(reader, end, this.#scopes);
      else reader.skip(end);
    }
    const resource = this.#senders.resources.read(this.#resource);
    const before = signal.accepted;
    for (let index = 0; index < this.#scopes.count; index += 1) {
      reader.pos = this.#scopes.start(index);
      signal.readScope(this.#scopes.end(index), resource, block);
    }
    if (signal.accepted > before) {
      this.#senders.announcer.announce(resource, block.resources, block.announced);
      this.#context.counters.sawService(resource.service.toString());
    }
    reader.pos = end;
  }
}
