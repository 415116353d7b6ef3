// Encodes resources and puts encoded spans into an export request.

import { type AttributeValue, writeAttributes } from './attribute.js';
import { ByteWriter } from './byte-writer.js';
import { SCOPE_NAME } from './names.js';
import type { ScopedItems } from './scope.js';

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
 * @param items the agent's own, end to end, each with its tag and length
 * @param others what tracers and meters of the application recorded, by scope
 * @returns a new buffer that shares nothing with `items`
 */
export function encodeRequest(
  resource: Resource,
  items: Uint8Array,
  others: readonly ScopedItems[] = [],
): Buffer {
  const envelope = envelopes.get(resource) ?? seal(resource);
  const parts: Uint8Array[] = [envelope.resource];
  if (items.length > 0) pushScope(parts, envelope.scope, items);
  for (const { scope, items: scoped } of others) pushScope(parts, scope.head, scoped);
  const outer = new ByteWriter(32);
  outer.tag(REQUEST_FIELD, 2);
  outer.varint(parts.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([outer.bytes(), ...parts]);
}

function pushScope(parts: Uint8Array[], head: Uint8Array, items: Uint8Array): void {
  const inner = new ByteWriter(16);
  inner.tag(SCOPES_FIELD, 2);
  inner.varint(head.length + items.length);
  parts.push(inner.bytes(), head, items);
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
