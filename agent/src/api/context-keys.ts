// Keys under which every copy of OpenTelemetry's API and SDK keeps its values in a context.

/** The active span. */
export const SPAN_KEY = Symbol.for('OpenTelemetry Context Key SPAN');

/** The active baggage. */
export const BAGGAGE_KEY = Symbol.for('OpenTelemetry Baggage Key');

/** True where the SDK's `suppressTracing` was called: inside an exporter, above all. */
export const SUPPRESS_KEY = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** What the instrumentation of a framework knows of the request's span, to name its route. */
export const RPC_METADATA_KEY = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');
