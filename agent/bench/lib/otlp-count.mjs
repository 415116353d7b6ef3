// Counts the spans of an OTLP trace request without decoding them.

// opentelemetry/proto/collector/trace/v1/trace_service.proto, trace/v1/trace.proto
//   ExportTraceServiceRequest  1 resource_spans repeated ResourceSpans
//   ResourceSpans              2 scope_spans repeated ScopeSpans
//   ScopeSpans                 2 spans repeated Span
const path = [1, 2, 2];
const wireVarint = 0;
const wireFixed64 = 1;
const wireBytes = 2;
const wireFixed32 = 5;

/** @returns the number of spans in a whole request */
export function countSpans(body) {
  return count(body, { from: 0, to: body.length }, 0);
}

function count(body, { from, to }, level) {
  if (level === path.length) return 1;
  let spans = 0;
  let at = from;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < to) {
    const tag = varint();
    const wire = tag % 8;
    if (wire === wireVarint) varint();
    else if (wire === wireFixed64) at += 8;
    else if (wire === wireFixed32) at += 4;
    else if (wire === wireBytes) {
      const length = varint();
      if (Math.floor(tag / 8) === path[level]) {
        spans += count(body, { from: at, to: at + length }, level + 1);
      }
      at += length;
    } else throw new Error(`wire type ${wire}`);
  }
  return spans;
}
