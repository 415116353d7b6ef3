// OTLP messages for tests, encoded by protobufjs from a schema written here: the walker's counterpart.
import protobuf from 'protobufjs';

/** The fields of opentelemetry-proto 1.7 that a sender may set; numbers as in the specification. */
const schema = `
syntax = "proto3";
message ExportTrace { repeated ResourceSpans resource_spans = 1; }
message ExportMetrics { repeated ResourceMetrics resource_metrics = 1; }
message PartialSuccess { int64 rejected = 1; string error_message = 2; }
message ExportResponse { PartialSuccess partial_success = 1; }
message Status { int32 code = 1; string message = 2; }

message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }

message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
  repeated Event events = 11; uint32 dropped_events_count = 12;
  repeated Link links = 13; uint32 dropped_links_count = 14;
  SpanStatus status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; }
message SpanStatus { string message = 2; int32 code = 3; }

message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10;
  Summary summary = 11;
}
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message ExponentialHistogram { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; }
message Summary { repeated NumberPoint data_points = 1; }
message NumberPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated KeyValue attributes = 7; uint32 flags = 8;
}
message HistogramPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
  repeated KeyValue attributes = 9; uint32 flags = 10; double min = 11; double max = 12;
}
`;

const { root } = protobuf.parse(schema, { keepCase: true });

export type Message = Record<string, unknown>;

function encode(type: string, message: Message): Buffer {
  const found = root.lookupType(type);
  return Buffer.from(found.encode(found.fromObject(message)).finish());
}

export const encodeTraces = (message: Message): Buffer => encode('ExportTrace', message);
const encodeMetrics = (message: Message): Buffer => encode('ExportMetrics', message);
/** Encodes one message of the schema above by its name. */
export const encodeMessage = encode;

export function decodeMessage(type: string, bytes: Uint8Array): Message {
  const found = root.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: Number });
}

/** An AnyValue from a JavaScript value; a BigInt is an int, a number a double. */
function anyValue(value: unknown): Message {
  if (typeof value === 'string') return { string_value: value };
  if (typeof value === 'boolean') return { bool_value: value };
  if (typeof value === 'bigint') return { int_value: value.toString() };
  if (typeof value === 'number') return { double_value: value };
  if (value instanceof Uint8Array) return { bytes_value: value };
  if (Array.isArray(value)) return { array_value: { values: value.map(anyValue) } };
  if (value === null || value === undefined) return {};
  return { kvlist_value: { values: keyValues(value as Record<string, unknown>) } };
}

export function keyValues(values: Record<string, unknown>): Message[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

export interface SpanInput {
  traceId?: string;
  spanId?: string;
  parentId?: string;
  name?: string;
  kind?: number;
  startMs?: number;
  durationMs?: number;
  attributes?: Record<string, unknown>;
  /** Further fields of the Span message, by their protobuf names. */
  more?: Message;
}

/** A Span message; what is not given is made up and valid. */
export function span(input: SpanInput = {}): Message {
  const startNanos = BigInt(Math.round((input.startMs ?? Date.now()) * 1000)) * 1000n;
  const endNanos = startNanos + BigInt(Math.round((input.durationMs ?? 5) * 1e6));
  return {
    trace_id: Buffer.from(input.traceId ?? '0af7651916cd43dd8448eb211c80319c', 'hex'),
    span_id: Buffer.from(input.spanId ?? '00f067aa0ba90001', 'hex'),
    parent_span_id: Buffer.from(input.parentId ?? '', 'hex'),
    name: input.name ?? 'GET /orders/:id',
    kind: input.kind ?? 2,
    start_time_unix_nano: startNanos.toString(),
    end_time_unix_nano: endNanos.toString(),
    attributes: keyValues(input.attributes ?? {}),
    ...input.more,
  };
}

/** A trace request of one resource and one scope. */
export function traceRequest(spans: Message[], resource: Record<string, unknown> = {}): Buffer {
  return encodeTraces({
    resource_spans: [
      {
        resource: { attributes: keyValues({ 'service.name': 'shop', ...resource }) },
        scope_spans: [{ scope: { name: 'test' }, spans }],
      },
    ],
  });
}

/** A metrics request of one resource and one scope. */
export function metricsRequest(metrics: Message[], resource: Record<string, unknown> = {}): Buffer {
  return encodeMetrics({
    resource_metrics: [
      {
        resource: { attributes: keyValues({ 'service.name': 'shop', ...resource }) },
        scope_metrics: [{ scope: { name: 'test' }, metrics }],
      },
    ],
  });
}
