// The one table of the agent's options: environment variables, kinds, defaults and what they mean.

import { LIBRARY_NAMES } from './disabled-libraries.js';

/** One option. Of several variables the first that is set wins. */
export interface Option<Value> {
  env: readonly string[];
  default: Value;
  about: string;
  /** For numbers: what is accepted. */
  min?: number;
  max?: number;
  /** For text: what is accepted beside the default. */
  format?: 'http-url' | 'compression';
  oneOf?: readonly string[];
}

/** Options by name; the kind of an option is the type of its default. */
export const OPTIONS = {
  enabled: {
    env: ['VENTURI_ENABLED'],
    default: true,
    about:
      'false keeps the agent out of the process, as OTEL_SDK_DISABLED=true does; the guard reads it before all else.',
  },
  engine: {
    env: ['VENTURI_ENGINE'],
    default: 'venturi',
    oneOf: ['venturi', 'otel'],
    about:
      "Who records: the agent's own hooks, or OpenTelemetry's NodeSDK with the instrumentations that are installed. See docs/opentelemetry.md.",
  },
  endpoint: {
    env: ['VENTURI_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    default: 'http://127.0.0.1:4318',
    format: 'http-url',
    about: 'Base URL of the collector; /v1/traces, /v1/metrics and /v1/logs are appended.',
  },
  headers: {
    env: ['OTEL_EXPORTER_OTLP_HEADERS'],
    default: '',
    about: 'Headers of every export request, as key=value pairs separated by commas.',
  },
  compression: {
    env: ['OTEL_EXPORTER_OTLP_COMPRESSION'],
    default: '',
    format: 'compression',
    about:
      'gzip or none; where it is not set, none to a collector on this machine and gzip to any other. Requests up to 1 KB are never compressed.',
  },
  serviceName: {
    env: ['OTEL_SERVICE_NAME'],
    default: '',
    about: 'Name of the service; found in package.json where it is not set.',
  },
  resourceAttributes: {
    env: ['OTEL_RESOURCE_ATTRIBUTES'],
    default: '',
    about: 'Further resource attributes, as key=value pairs separated by commas.',
  },
  flushIntervalMs: {
    env: ['VENTURI_FLUSH_INTERVAL_MS'],
    default: 500,
    min: 10,
    max: 60_000,
    about: 'How often spans are sent.',
  },
  metricsIntervalMs: {
    env: ['VENTURI_METRICS_INTERVAL_MS'],
    default: 10_000,
    min: 100,
    max: 600_000,
    about: 'How often runtime metrics are sent.',
  },
  exportTimeoutMs: {
    env: ['VENTURI_EXPORT_TIMEOUT_MS', 'OTEL_EXPORTER_OTLP_TIMEOUT'],
    default: 10_000,
    min: 100,
    max: 120_000,
    about: 'How long one export request may take.',
  },
  exitTimeoutMs: {
    env: ['VENTURI_EXIT_TIMEOUT_MS'],
    default: 1_000,
    min: 0,
    max: 30_000,
    about: 'How long the flush may hold up the end of the process; 0 sends nothing at exit.',
  },
  queueBytesMax: {
    env: ['VENTURI_QUEUE_BYTES_MAX'],
    default: 8 * 1024 * 1024,
    min: 64 * 1024,
    max: 1024 * 1024 * 1024,
    about:
      'Bytes of encoded batches that wait while the collector is away; beyond it the oldest are dropped.',
  },
  queueBatchesMax: {
    env: ['VENTURI_QUEUE_BATCHES_MAX'],
    default: 1_024,
    min: 1,
    max: 100_000,
    about: 'Batches that wait while the collector is away.',
  },
  sampler: {
    env: ['OTEL_TRACES_SAMPLER'],
    default: '',
    oneOf: [
      ...['always_on', 'always_off', 'traceidratio'],
      ...['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'],
    ],
    about:
      'One of the samplers of the OpenTelemetry specification. Where it is not set, every trace is kept up to VENTURI_SPANS_PER_SECOND.',
  },
  samplerRatio: {
    env: ['OTEL_TRACES_SAMPLER_ARG'],
    default: 1,
    min: 0,
    max: 1,
    about: 'The share of traces that a sampler with traceidratio in its name keeps.',
  },
  spansPerSecond: {
    env: ['VENTURI_SPANS_PER_SECOND'],
    default: 2_000,
    min: 0,
    max: 1_000_000,
    about:
      'Spans that this process may send in a second. Beyond it requests are sampled by route, with weights that keep all rates right; rare routes, and requests that failed or were slow, are kept whole. 0 keeps everything.',
  },
  cpuShareMax: {
    env: ['VENTURI_CPU_SHARE_MAX'],
    default: 0.03,
    min: 0,
    max: 1,
    about:
      "The share of the process's CPU that the agent may take, by its own measure. Beyond it the agent leaves out detail first, then requests: docs/reference/shedding.md lists the steps. 0 measures and leaves nothing out.",
  },
  slowRequestMs: {
    env: ['VENTURI_SLOW_REQUEST_MS'],
    default: 1_000,
    min: 1,
    max: 600_000,
    about:
      'A request that took longer is kept although it would have been sampled out, as is one that took five times as long as its route usually does.',
  },
  slowHandlerMs: {
    env: ['VENTURI_SLOW_HANDLER_MS'],
    default: 50,
    min: 1,
    max: 600_000,
    about:
      'A hook, middleware or handler of Fastify or Express that took longer gets a span of its own; those that are quick get none.',
  },
  stallThresholdMs: {
    env: ['VENTURI_STALL_THRESHOLD_MS'],
    default: 30,
    min: 10,
    max: 60_000,
    about: 'How long the event loop must be blocked to be recorded as a stall.',
  },
  watchdog: {
    env: ['VENTURI_WATCHDOG'],
    default: true,
    about: 'Whether a worker thread watches the event loop and names what blocks it.',
  },
  workerThreads: {
    env: ['VENTURI_WORKER_THREADS'],
    default: true,
    about:
      "Whether the agent runs in the application's worker threads too. In those that libraries start for themselves it never does.",
  },
  disabledLibraries: {
    env: ['VENTURI_DISABLED_LIBRARIES'],
    default: '',
    about: `Libraries that the agent leaves alone, separated by commas: ${LIBRARY_NAMES.join(', ')}. With VENTURI_CONTRIB=true OpenTelemetry's instrumentation records them, where it is installed.`,
  },
  logs: {
    env: ['VENTURI_LOGS'],
    default: 'correlate',
    oneOf: ['off', 'correlate', 'forward'],
    about:
      'correlate gives the lines of pino and winston trace_id, span_id and trace_flags; forward also sends them, and those of console, as OTLP logs to /v1/logs; off leaves them alone. What console prints is never changed.',
  },
  servesApi: {
    env: ['VENTURI_API'],
    default: true,
    about:
      "Whether the agent serves OpenTelemetry's API, so that an application's own spans come along.",
  },
  contrib: {
    env: ['VENTURI_CONTRIB'],
    default: false,
    about:
      "Whether OpenTelemetry's instrumentations that are installed beside the application (@opentelemetry/instrumentation-*, @fastify/otel, @prisma/instrumentation) record the libraries that the agent does not record itself. See docs/opentelemetry.md.",
  },
  spanAttributesMax: {
    env: ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    default: 128,
    min: 0,
    max: 1024,
    about: 'Attributes that an application may set on one span; the rest is counted as dropped.',
  },
  spanAttributeCharsMax: {
    env: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    default: 65_536,
    min: 1,
    max: 262_144,
    about: 'Characters of a text that an application sets; the rest is cut off.',
  },
  spanEventsMax: {
    env: ['OTEL_SPAN_EVENT_COUNT_LIMIT'],
    default: 128,
    min: 0,
    max: 1024,
    about: 'Events that an application may add to one span; the oldest give way.',
  },
  spanLinksMax: {
    env: ['OTEL_SPAN_LINK_COUNT_LIMIT'],
    default: 128,
    min: 0,
    max: 1024,
    about: 'Links that an application may add to one span; the oldest give way.',
  },
  eventAttributesMax: {
    env: ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT'],
    default: 128,
    min: 0,
    max: 1024,
    about: 'Attributes that an application may set on one event.',
  },
  linkAttributesMax: {
    env: ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT'],
    default: 128,
    min: 0,
    max: 1024,
    about: 'Attributes that an application may set on one link.',
  },
} as const satisfies Record<string, Option<string> | Option<number> | Option<boolean>>;
