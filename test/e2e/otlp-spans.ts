// Encodes spans as OTLP protobuf, as any exporter would; only the fields that these tests set.
import protobuf from 'protobufjs';

/** Field numbers of opentelemetry-proto 1.7. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; double double_value = 4; } }`,
  { keepCase: true },
);
const request = root.lookupType('Request');

export interface SpanInput {
  /** Hex: 32, 16 and 16 digits. */
  traceId: string;
  spanId: string;
  parentId?: string;
  name: string;
  /** 2 for a server, 3 for a client. */
  kind: 2 | 3;
  startMs: number;
  durationMs: number;
  /** Whole numbers become ints. */
  attributes: Record<string, string | number>;
}

/** The body of a request to /v1/traces. */
export function encodeSpans(service: string, spans: SpanInput[]): Buffer {
  const message = {
    resource_spans: [
      {
        resource: { attributes: pairs({ 'service.name': service }) },
        scope_spans: [{ spans: spans.map(toMessage) }],
      },
    ],
  };
  return Buffer.from(request.encode(request.fromObject(message)).finish());
}

function toMessage(span: SpanInput): object {
  const start = BigInt(Math.round(span.startMs * 1000)) * 1000n;
  return {
    trace_id: Buffer.from(span.traceId, 'hex'),
    span_id: Buffer.from(span.spanId, 'hex'),
    parent_span_id: Buffer.from(span.parentId ?? '', 'hex'),
    name: span.name,
    kind: span.kind,
    start_time_unix_nano: start.toString(),
    end_time_unix_nano: (start + BigInt(Math.round(span.durationMs * 1e6))).toString(),
    attributes: pairs(span.attributes),
  };
}

function pairs(values: Record<string, string | number>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number): object {
  if (typeof value === 'string') return { string_value: value };
  return Number.isInteger(value) ? { int_value: value } : { double_value: value };
}
