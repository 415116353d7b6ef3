// The parts of OTLP's .proto files that the agent sends, for an independent decoder.
// Field numbers are those of opentelemetry-proto v1; an unknown field would show as a missing value in the tests.

import protobuf from 'protobufjs';

const PROTO = `
syntax = "proto3";
message AnyValue { oneof value {
  string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
} }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message InstrumentationScope { string name = 1; string version = 2; }

message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; fixed32 flags = 16;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10; repeated Event events = 11;
  uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15;
}
message Event {
  fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4;
}
message Link {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
  uint32 dropped_attributes_count = 5; fixed32 flags = 6;
}
message Status { string message = 2; int32 code = 3; }

message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message ScopeLogs { InstrumentationScope scope = 1; repeated LogRecord log_records = 2; }
message LogRecord {
  fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8;
  bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12;
}

message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { InstrumentationScope scope = 1; repeated Metric metrics = 2; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
message NumberDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated KeyValue attributes = 7;
}
message HistogramDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9;
  optional double min = 11; optional double max = 12;
}`;

const { root } = protobuf.parse(PROTO);

type Scalar = string | number | boolean;

/** A decoded attribute value; '' where it holds nothing. */
type Value = Scalar | Scalar[];

/** A link to another span. */
interface DecodedLink {
  traceId: string;
  spanId: string;
  traceState: string;
  flags: number;
  attributes: Record<string, Value>;
  dropped: number;
}

/** A decoded span, flattened for assertions. */
export interface DecodedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  traceState: string;
  flags: number;
  name: string;
  kind: number;
  startNano: bigint;
  endNano: bigint;
  attributes: Record<string, Value>;
  events: { name: string; timeNano: bigint; attributes: Record<string, Value>; dropped: number }[];
  status: { code: number; message: string };
  resource: Record<string, Value>;
  scope: { name: string; version: string; schemaUrl: string };
  links: DecodedLink[];
  dropped: { attributes: number; events: number; links: number };
}

/** A decoded log record. Maps are objects. */
export interface DecodedLog {
  timeNano: bigint;
  severityNumber: number;
  severityText: string;
  eventName: string;
  body: unknown;
  attributes: Record<string, unknown>;
  traceId: string;
  spanId: string;
  scope: { name: string; version: string };
}

/** A decoded metric with its points. */
export interface DecodedMetric {
  name: string;
  unit: string;
  type: 'gauge' | 'sum' | 'histogram';
  temporality: number;
  isMonotonic: boolean;
  description: string;
  resource: Record<string, Value>;
  scope: string;
  points: {
    attributes: Record<string, Value>;
    startNano: bigint;
    timeNano: bigint;
    value: number;
    count: number;
    sum: number;
    min: number;
    max: number;
    bucketCounts: number[];
    bounds: number[];
  }[];
}

interface RawKeyValue {
  key: string;
  value?: RawValue;
}

interface RawValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  arrayValue?: { values?: RawValue[] };
  kvlistValue?: { values?: RawKeyValue[] };
}

interface RawSpan {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  traceState?: string;
  flags?: number;
  name?: string;
  kind?: number;
  startTimeUnixNano?: string;
  endTimeUnixNano?: string;
  attributes?: RawKeyValue[];
  droppedAttributesCount?: number;
  events?: {
    timeUnixNano?: string;
    name?: string;
    attributes?: RawKeyValue[];
    droppedAttributesCount?: number;
  }[];
  droppedEventsCount?: number;
  links?: {
    traceId?: string;
    spanId?: string;
    traceState?: string;
    flags?: number;
    attributes?: RawKeyValue[];
    droppedAttributesCount?: number;
  }[];
  droppedLinksCount?: number;
  status?: { code?: number; message?: string };
}

interface RawTraces {
  resourceSpans?: {
    resource?: { attributes?: RawKeyValue[] };
    scopeSpans?: {
      scope?: { name?: string; version?: string };
      spans?: RawSpan[];
      schemaUrl?: string;
    }[];
  }[];
}

interface RawLogs {
  resourceLogs?: {
    scopeLogs?: {
      scope?: { name?: string; version?: string };
      logRecords?: {
        timeUnixNano?: string;
        severityNumber?: number;
        severityText?: string;
        eventName?: string;
        body?: RawValue;
        attributes?: RawKeyValue[];
        traceId?: string;
        spanId?: string;
      }[];
    }[];
  }[];
}

interface RawPoint {
  attributes?: RawKeyValue[];
  startTimeUnixNano?: string;
  timeUnixNano?: string;
  asDouble?: number;
  count?: string;
  sum?: number;
  min?: number;
  max?: number;
  bucketCounts?: string[];
  explicitBounds?: number[];
}

interface RawData {
  dataPoints?: RawPoint[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}

interface RawMetrics {
  resourceMetrics?: {
    resource?: { attributes?: RawKeyValue[] };
    scopeMetrics?: {
      scope?: { name?: string };
      metrics?: {
        name?: string;
        description?: string;
        unit?: string;
        gauge?: RawData;
        sum?: RawData;
        histogram?: RawData;
      }[];
    }[];
  }[];
}

/** Decodes an ExportTraceServiceRequest. */
export function decodeTraces(body: Uint8Array): DecodedSpan[] {
  const request = decode('ExportTraceServiceRequest', body) as RawTraces;
  const spans: DecodedSpan[] = [];
  for (const { resource, scopeSpans = [] } of request.resourceSpans ?? []) {
    for (const { scope, spans: raw = [], schemaUrl = '' } of scopeSpans) {
      for (const span of raw) {
        spans.push({
          ...flattenSpan(span),
          resource: flatten(resource?.attributes),
          scope: { name: scope?.name ?? '', version: scope?.version ?? '', schemaUrl },
        });
      }
    }
  }
  return spans;
}

/** Decodes an ExportMetricsServiceRequest. */
export function decodeMetrics(body: Uint8Array): DecodedMetric[] {
  const request = decode('ExportMetricsServiceRequest', body) as RawMetrics;
  return (request.resourceMetrics ?? [])
    .flatMap(({ resource, scopeMetrics = [] }) => scopeMetrics.map((of) => ({ resource, ...of })))
    .flatMap(({ metrics = [], ...of }) => metrics.map((metric) => ({ ...of, ...metric })))
    .map(({ resource, scope, name = '', description = '', unit = '', gauge, sum, histogram }) => {
      const data = gauge ?? sum ?? histogram ?? {};
      return {
        name,
        description,
        resource: flatten(resource?.attributes),
        scope: scope?.name ?? '',
        unit,
        type: gauge ? 'gauge' : sum ? 'sum' : 'histogram',
        temporality: data.aggregationTemporality ?? 0,
        isMonotonic: data.isMonotonic ?? false,
        points: (data.dataPoints ?? []).map(flattenPoint),
      };
    });
}

/** Decodes an ExportLogsServiceRequest. */
export function decodeLogs(body: Uint8Array): DecodedLog[] {
  const request = decode('ExportLogsServiceRequest', body) as RawLogs;
  return (request.resourceLogs ?? [])
    .flatMap(({ scopeLogs = [] }) => scopeLogs)
    .flatMap(({ scope, logRecords = [] }) =>
      logRecords.map((log) => ({
        timeNano: BigInt(log.timeUnixNano ?? 0),
        severityNumber: log.severityNumber ?? 0,
        severityText: log.severityText ?? '',
        eventName: log.eventName ?? '',
        body: anyOf(log.body),
        attributes: mapOf(log.attributes),
        traceId: hex(log.traceId),
        spanId: hex(log.spanId),
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
      })),
    );
}

function decode(type: string, body: Uint8Array): unknown {
  const message = root.lookupType(type);
  return message.toObject(message.decode(body), { longs: String, bytes: String });
}

function flattenSpan(span: RawSpan): Omit<DecodedSpan, 'resource' | 'scope'> {
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    traceState: span.traceState ?? '',
    flags: span.flags ?? 0,
    name: span.name ?? '',
    kind: span.kind ?? 0,
    startNano: BigInt(span.startTimeUnixNano ?? 0),
    endNano: BigInt(span.endTimeUnixNano ?? 0),
    attributes: flatten(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      timeNano: BigInt(event.timeUnixNano ?? 0),
      attributes: flatten(event.attributes),
      dropped: event.droppedAttributesCount ?? 0,
    })),
    links: (span.links ?? []).map((link) => ({
      traceId: hex(link.traceId),
      spanId: hex(link.spanId),
      traceState: link.traceState ?? '',
      flags: link.flags ?? 0,
      attributes: flatten(link.attributes),
      dropped: link.droppedAttributesCount ?? 0,
    })),
    dropped: {
      attributes: span.droppedAttributesCount ?? 0,
      events: span.droppedEventsCount ?? 0,
      links: span.droppedLinksCount ?? 0,
    },
    status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
  };
}

function flattenPoint(point: RawPoint): DecodedMetric['points'][number] {
  return {
    attributes: flatten(point.attributes),
    startNano: BigInt(point.startTimeUnixNano ?? 0),
    timeNano: BigInt(point.timeUnixNano ?? 0),
    value: point.asDouble ?? 0,
    count: Number(point.count ?? 0),
    sum: point.sum ?? 0,
    min: point.min ?? 0,
    max: point.max ?? 0,
    bucketCounts: (point.bucketCounts ?? []).map(Number),
    bounds: point.explicitBounds ?? [],
  };
}

/** A name that comes twice is against OTLP, and would be lost here without a trace. */
function flatten(attributes: RawKeyValue[] = []): Record<string, Value> {
  const names = attributes.map(({ key }) => key);
  if (new Set(names).size < names.length) throw new Error(`An attribute comes twice: ${names}`);
  return Object.fromEntries(
    attributes.map(({ key, value = {} }) => {
      const elements = value.arrayValue?.values ?? [];
      return [key, value.arrayValue === undefined ? scalarOf(value) : elements.map(scalarOf)];
    }),
  );
}

function scalarOf(value: RawValue): Scalar {
  const int = value.intValue === undefined ? undefined : Number(value.intValue);
  return value.stringValue ?? int ?? value.doubleValue ?? value.boolValue ?? '';
}

function anyOf(value: RawValue | undefined): unknown {
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(anyOf);
  if (value?.kvlistValue !== undefined) return mapOf(value.kvlistValue.values);
  return scalarOf(value ?? {});
}

function mapOf(attributes: RawKeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, anyOf(value)]));
}

function hex(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
