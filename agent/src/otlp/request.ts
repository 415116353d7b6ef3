// Encodes resources and puts encoded spans into an export request.

import { type AttributeValue, writeAttributes } from './attribute.js';
import { ByteWriter } from './byte-writer.js';
import { SCOPE_NAME } from './names.js';

// opentelemetry/proto/collector/trace/v1/trace_service.proto, opentelemetry/proto/resource/v1/resource.proto
//   ExportTraceServiceRequest  1 resource_spans repeated ResourceSpans
//   ResourceSpans              1 resource Resource · 2 scope_spans repeated ScopeSpans
//   Resource                   1 attributes repeated KeyValue
//   ScopeSpans                 1 scope InstrumentationScope · 2 spans repeated Span
//   InstrumentationScope       1 name string · 2 version string
// Metrics have the same three levels under the same field numbers.
const REQUEST_FIELD = 1;
const RESOURCE_FIELD = 1;
const SCOPES_FIELD = 2;
const SCOPE_FIELD = 1;
const RESOURCE_ATTRIBUTES_TAG = 0x0a;
const SCOPE_NAME_FIELD = 1;
const SCOPE_VERSION_FIELD = 2;

/** Who sends: resource attributes by name, and the version of the agent. */
export interface Resource {
  attributes: Readonly<Record<string, AttributeValue>>;
  agentVersion: string;
}

/** The parts of a request that are the same in each, encoded once. */
interface Envelope {
  /** ResourceSpans.resource, tag and length included. */
  resource: Buffer;
  /** ScopeSpans.scope, tag and length included. */
  scope: Buffer;
}

const envelopes = new WeakMap<Resource, Envelope>();

/**
 * Wraps elements of ScopeSpans.spans (or ScopeMetrics.metrics) into a whole export request.
 * @param items the elements end to end, each with its tag and length
 * @returns a new buffer that shares nothing with `items`
 */
export function encodeRequest(resource: Resource, items: Uint8Array): Buffer {
  const envelope = envelopes.get(resource) ?? seal(resource);
  const scopeLength = envelope.scope.length + items.length;
  const inner = new ByteWriter(32);
  inner.tag(SCOPES_FIELD, 2);
  inner.varint(scopeLength);
  const outer = new ByteWriter(32);
  outer.tag(REQUEST_FIELD, 2);
  outer.varint(envelope.resource.length + inner.pos + scopeLength);
  return Buffer.concat([outer.bytes(), envelope.resource, inner.bytes(), envelope.scope, items]);
}

function seal(resource: Resource): Envelope {
  const out = new ByteWriter(1024);
  const resourceMark = out.beginMessage(RESOURCE_FIELD);
  writeAttributes(out, RESOURCE_ATTRIBUTES_TAG, Object.entries(resource.attributes).flat());
  out.endMessage(resourceMark);
  const resourceBytes = out.bytes();
  out.clear();
  const scopeMark = out.beginMessage(SCOPE_FIELD);
  out.string(SCOPE_NAME_FIELD, SCOPE_NAME);
  out.string(SCOPE_VERSION_FIELD, resource.agentVersion);
  out.endMessage(scopeMark);
  const envelope = { resource: resourceBytes, scope: out.bytes() };
  envelopes.set(resource, envelope);
  return envelope;
}
