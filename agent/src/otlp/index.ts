// The wire contract between agent and collector: names, and the encoders of what the agent sends.

export type { AttributeValue } from './attribute.js';
export { ByteWriter } from './byte-writer.js';
export {
  encodeMetrics,
  type GaugePoint,
  type HistogramPoint,
  type MetricPoint,
  type SumPoint,
} from './metrics.js';
export {
  ATTR,
  BATCH_HEADER,
  RESOURCE_ATTR,
  SCOPE_NAME,
  SPAN_NAME,
  SpanKind,
  type SpanKindValue,
  StatusCode,
} from './names.js';
export { encodeRequest, type Resource } from './request.js';
export { encodeSpan, type SpanEvent, type SpanRecord } from './span.js';
