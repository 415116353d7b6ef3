// The instrumentation scope of spans that are not the agent's own: which tracer they came from.

import { ByteWriter } from './byte-writer.js';

// opentelemetry/proto/common/v1/common.proto, opentelemetry/proto/trace/v1/trace.proto
//   ScopeSpans            1 scope InstrumentationScope · 3 schema_url string
//   InstrumentationScope  1 name string · 2 version string
// ScopeMetrics and ScopeLogs have both under the same field numbers.
const SCOPE_FIELD = 1;
const SCHEMA_URL_FIELD = 3;
const NAME_FIELD = 1;
const VERSION_FIELD = 2;

/** Who recorded a span: one object per tracer, so that spans are grouped by identity. */
export class Scope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  #head: Buffer | undefined;

  constructor(name: string, version = '', schemaUrl = '') {
    this.name = name;
    this.version = version;
    this.schemaUrl = schemaUrl;
  }

  /** The fields of ScopeSpans beside the spans, encoded once. */
  get head(): Buffer {
    this.#head ??= this.#encode();
    return this.#head;
  }

  #encode(): Buffer {
    const out = new ByteWriter(128);
    const mark = out.beginMessage(SCOPE_FIELD);
    out.string(NAME_FIELD, this.name);
    if (this.version !== '') out.string(VERSION_FIELD, this.version);
    out.endMessage(mark);
    if (this.schemaUrl !== '') out.string(SCHEMA_URL_FIELD, this.schemaUrl);
    return out.bytes();
  }
}

/** What was recorded in one scope, encoded, end to end. */
export interface ScopedItems {
  scope: Scope;
  items: Uint8Array;
}
