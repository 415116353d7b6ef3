// Takes a span that OpenTelemetry's SDK has ended, and encodes it for the agent's exporter.

import type { Attributes, HrTime, Link, SpanContext } from '@opentelemetry/api';
import { limits, SPAN_BYTES_MAX } from '../config/limits.js';
import { keep, keepAttributes, weigh } from '../otlp/added-attributes.js';
import { Scope } from '../otlp/scope.js';
import { encodeSpan, type SpanRecord } from '../otlp/span.js';
import type { AddedEvent, AddedLink, SpanAdditions } from '../otlp/span-additions.js';
import { counters } from '../self/counters.js';
import { spanBuffer } from '../trace/span-buffer.js';
import { linkFlags } from './api-span.js';
import { remoteParentOf } from './remote-parent.js';

const SAMPLED = 1;
const NONE = { prefix: 0, sequence: 0, isRemote: false };

/** The SDK's form of a span, as far as it is read here; `parentSpanContext` since its second major. */
export interface SdkSpan {
  name: string;
  kind: number;
  spanContext(): SpanContext;
  parentSpanContext?: SpanContext;
  startTime: HrTime;
  endTime: HrTime;
  status: { code: number; message?: string };
  attributes: Attributes;
  events: {
    name: string;
    time: HrTime;
    attributes?: Attributes;
    droppedAttributesCount?: number;
  }[];
  links: (Link & { droppedAttributesCount?: number })[];
  droppedAttributesCount?: number;
  droppedEventsCount?: number;
  droppedLinksCount?: number;
  instrumentationScope: { name: string; version?: string; schemaUrl?: string };
}

/** By the SDK's own object, of which there is one for each tracer. */
const scopes = new WeakMap<object, Scope>();

/** Adds a span to what is sent next, if it was sampled. */
export function recordSdkSpan(span: SdkSpan): void {
  const own = span.spanContext();
  if ((own.traceFlags & SAMPLED) === 0) return;
  const additions = additionsOf(span);
  const record = additions && recordOf(span, additions);
  if (record === undefined) {
    counters.spansDropped++;
    return;
  }
  encodeSpan(spanBuffer.writerOf(additions?.scope), record);
  spanBuffer.added(1);
}

function recordOf(span: SdkSpan, additions: SpanAdditions): SpanRecord | undefined {
  const own = remoteParentOf(span.spanContext());
  if (own === undefined) return undefined;
  const parent = remoteParentOf(span.parentSpanContext) ?? NONE;
  return {
    traceId: own.traceId,
    traceState: own.traceState,
    traceFlags: own.flags,
    prefix: own.prefix,
    sequence: own.sequence,
    parentPrefix: parent.prefix,
    parentSequence: parent.sequence,
    parentIsRemote: parent.isRemote === true,
    name: keep(span.name) as string,
    // OTLP counts from 1, the API from 0.
    kind: span.kind + 1,
    startMicros: toMicros(span.startTime),
    endMicros: Math.max(toMicros(span.startTime), toMicros(span.endTime)),
    attributes: undefined,
    heading: undefined,
    commonAttributes: undefined,
    loopBusyMs: 0,
    paidSums: undefined,
    events: undefined,
    statusCode: span.status.code,
    statusMessage: keep(span.status.message ?? '') as string,
    additions,
  };
}

/** @returns undefined where it is more than a span may be */
function additionsOf(span: SdkSpan): SpanAdditions | undefined {
  const own = keepAttributes(span.attributes, limits.attributes);
  let bytes = own.weight + weigh(span.name) + weigh(span.status.message);
  const addedEvents = last(span.events, limits.events).map((event): AddedEvent => {
    const { flat, dropped, weight } = keepAttributes(event.attributes, limits.attributesPerEvent);
    bytes += weight + weigh(event.name);
    return {
      name: keep(event.name) as string,
      timeMicros: toMicros(event.time),
      attributes: flat,
      droppedAttributes: dropped + (event.droppedAttributesCount ?? 0),
    };
  });
  const addedLinks = last(span.links, limits.links).map((link): AddedLink => {
    const { flat, dropped, weight } = keepAttributes(link.attributes, limits.attributesPerLink);
    const { context } = link;
    const traceState = context.traceState?.serialize() ?? '';
    bytes += weight + weigh(traceState);
    return {
      traceId: context.traceId,
      spanId: context.spanId,
      traceState,
      flags: linkFlags(context),
      attributes: flat,
      droppedAttributes: dropped + (link.droppedAttributesCount ?? 0),
    };
  });
  if (bytes > SPAN_BYTES_MAX) return undefined;
  return {
    scope: scopeOf(span.instrumentationScope),
    addedAttributes: own.flat,
    droppedAttributes: own.dropped + (span.droppedAttributesCount ?? 0),
    addedEvents,
    droppedEvents: span.events.length - addedEvents.length + (span.droppedEventsCount ?? 0),
    addedLinks,
    droppedLinks: span.links.length - addedLinks.length + (span.droppedLinksCount ?? 0),
  };
}

function last<Element>(list: readonly Element[], max: number): Element[] {
  return list.slice(Math.max(0, list.length - max));
}

function scopeOf(theirs: SdkSpan['instrumentationScope']): Scope {
  let scope = scopes.get(theirs);
  if (scope === undefined) {
    scope = new Scope(theirs.name, theirs.version, theirs.schemaUrl);
    scopes.set(theirs, scope);
  }
  return scope;
}

function toMicros([seconds, nanos]: HrTime): number {
  return seconds * 1e6 + Math.round(nanos / 1000);
}
