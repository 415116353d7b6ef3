// Encodes what an application has added to a span through OpenTelemetry's API.

import { writeAnyAttributes } from './any-value.js';
import { type ByteWriter, WIRE } from './byte-writer.js';
import type { Scope } from './scope.js';

// opentelemetry/proto/trace/v1/trace.proto
//   Span   9 attributes repeated KeyValue · 10 dropped_attributes_count uint32 · 11 events repeated Event
//          12 dropped_events_count uint32 · 13 links repeated Link · 14 dropped_links_count uint32
//   Event  1 time_unix_nano fixed64 · 2 name string · 3 attributes repeated KeyValue
//          4 dropped_attributes_count uint32
//   Link   1 trace_id bytes(16) · 2 span_id bytes(8) · 3 trace_state string · 4 attributes repeated KeyValue
//          5 dropped_attributes_count uint32 · 6 flags fixed32
const ATTRIBUTES_FIELD = 9;
const DROPPED_ATTRIBUTES_FIELD = 10;
const EVENTS_FIELD = 11;
const DROPPED_EVENTS_FIELD = 12;
const LINKS_FIELD = 13;
const DROPPED_LINKS_FIELD = 14;
const EVENT_TIME_FIELD = 1;
const EVENT_NAME_FIELD = 2;
const EVENT_ATTRIBUTES_FIELD = 3;
const EVENT_DROPPED_FIELD = 4;
const LINK_TRACE_ID_FIELD = 1;
const LINK_SPAN_ID_FIELD = 2;
const LINK_TRACE_STATE_FIELD = 3;
const LINK_ATTRIBUTES_FIELD = 4;
const LINK_DROPPED_FIELD = 5;
const LINK_FLAGS_FIELD = 6;

/** A point in the life of a span that the application marked. */
export interface AddedEvent {
  name: string;
  /** Microseconds since 1970. */
  timeMicros: number;
  /** `[name, value, ...]` */
  attributes: readonly unknown[];
  droppedAttributes: number;
}

/** Another span that this one has to do with. */
export interface AddedLink {
  /** 32 and 16 hex digits; left out on the wire where they are something else. */
  traceId: string;
  spanId: string;
  traceState: string;
  /** W3C trace flags, and whether the other span is remote (`Span.flags` of OTLP). */
  flags: number;
  /** `[name, value, ...]` */
  attributes: readonly unknown[];
  droppedAttributes: number;
}

/** What an application has added to a span, and what was dropped of it because of a limit. */
export interface SpanAdditions {
  /** Whose span it is; undefined for a span of the agent's own. */
  readonly scope: Scope | undefined;
  /** `[name, value, ...]`, each name once. */
  readonly addedAttributes: readonly unknown[];
  readonly droppedAttributes: number;
  readonly addedEvents: readonly AddedEvent[];
  readonly droppedEvents: number;
  readonly addedLinks: readonly AddedLink[];
  readonly droppedLinks: number;
}

/** Appends the additions to a Span that is being written. */
export function writeAdditions(out: ByteWriter, added: SpanAdditions): void {
  writeAnyAttributes(out, ATTRIBUTES_FIELD, added.addedAttributes);
  writeCount(out, DROPPED_ATTRIBUTES_FIELD, added.droppedAttributes);
  for (const event of added.addedEvents) writeEvent(out, event);
  writeCount(out, DROPPED_EVENTS_FIELD, added.droppedEvents);
  for (const link of added.addedLinks) writeLink(out, link);
  writeCount(out, DROPPED_LINKS_FIELD, added.droppedLinks);
}

function writeEvent(out: ByteWriter, event: AddedEvent): void {
  const mark = out.beginMessage(EVENTS_FIELD);
  out.tag(EVENT_TIME_FIELD, WIRE.fixed64);
  out.fixed64Micros(event.timeMicros);
  out.string(EVENT_NAME_FIELD, event.name);
  writeAnyAttributes(out, EVENT_ATTRIBUTES_FIELD, event.attributes);
  writeCount(out, EVENT_DROPPED_FIELD, event.droppedAttributes);
  out.endMessage(mark);
}

function writeLink(out: ByteWriter, link: AddedLink): void {
  const mark = out.beginMessage(LINKS_FIELD);
  writeHex(out, LINK_TRACE_ID_FIELD, link.traceId);
  writeHex(out, LINK_SPAN_ID_FIELD, link.spanId);
  if (link.traceState !== '') out.string(LINK_TRACE_STATE_FIELD, link.traceState);
  writeAnyAttributes(out, LINK_ATTRIBUTES_FIELD, link.attributes);
  writeCount(out, LINK_DROPPED_FIELD, link.droppedAttributes);
  out.tag(LINK_FLAGS_FIELD, WIRE.fixed32);
  out.fixed32(link.flags);
  out.endMessage(mark);
}

function writeHex(out: ByteWriter, field: number, hex: string): void {
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex)) return;
  const bytes = Buffer.from(hex, 'hex');
  out.tag(field, WIRE.bytes);
  out.varint(bytes.length);
  out.raw(bytes);
}

function writeCount(out: ByteWriter, field: number, count: number): void {
  if (count === 0) return;
  out.tag(field, WIRE.varint);
  out.varint(count);
}
