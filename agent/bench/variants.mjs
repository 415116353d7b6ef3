// What is compared: each variant's preload, its environment, and how many spans a request must bring to the sink.
//
// Everybody exports everything: queues are long enough for the load, and nobody samples. A peer whose spans do not
// arrive is measured, and not counted.
import { fileURLToPath } from 'node:url';

const agent = fileURLToPath(new URL('../dist/bundle/register.js', import.meta.url));
const preload = (name) => fileURLToPath(new URL(`service/${name}`, import.meta.url));

const queueSpansMax = '200000';

/** Environment of everything that speaks OTLP. */
const otlp = (sink) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: sink,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_BSP_MAX_QUEUE_SIZE: queueSpansMax,
});

const ours = (sink) => ({
  VENTURI_ENDPOINT: sink,
  VENTURI_SPANS_PER_SECOND: '0',
  // The governor leaves out nothing of what is compared.
  VENTURI_CPU_SHARE_MAX: '0',
});

/** Every variant by name: `env(sink)` where `sink` is a URL on 127.0.0.1 whose first path segment is the name. */
export const variants = {
  bare: { preload: [], env: () => ({}), agent: 'none' },
  bare2: { preload: [], env: () => ({}), agent: 'none' },
  venturi: {
    preload: [agent],
    env: (sink) => ({ ...ours(sink), VENTURI_WATCHDOG: '0' }),
    agent: 'venturi',
  },
  'venturi+watchdog': { preload: [agent], env: ours, agent: 'venturi' },
  otel: {
    preload: ['@opentelemetry/auto-instrumentations-node/register'],
    env: otlp,
    agent: 'otel',
    isPeer: true,
  },
  'otel-lean': { preload: [preload('otel-lean.cjs')], env: otlp, agent: 'otel', isPeer: true },
  dd: {
    preload: ['dd-trace/init'],
    env: (sink) => ({
      DD_TRACE_AGENT_URL: sink,
      DD_TRACE_SAMPLE_RATE: '1',
      DD_TRACE_RATE_LIMIT: '-1',
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
    }),
    agent: 'dd',
    isPeer: true,
  },
  elastic: {
    preload: ['elastic-apm-node/start'],
    env: (sink) => ({
      ELASTIC_APM_SERVER_URL: sink,
      ELASTIC_APM_SERVICE_NAME: 'bench',
      ELASTIC_APM_LOG_LEVEL: 'off',
      ELASTIC_APM_CLOUD_PROVIDER: 'none',
      ELASTIC_APM_METRICS_INTERVAL: '0',
      ELASTIC_APM_MAX_QUEUE_SIZE: queueSpansMax,
      ELASTIC_APM_SPAN_COMPRESSION_ENABLED: 'false',
      ELASTIC_APM_EXIT_SPAN_MIN_DURATION: '0ms',
    }),
    agent: 'elastic',
    isPeer: true,
  },
  newrelic: {
    preload: ['newrelic'],
    env: (sink) => ({
      NEW_RELIC_LICENSE_KEY: '0000000000000000000000000000000000000000',
      NEW_RELIC_APP_NAME: 'bench',
      NEW_RELIC_HOST: '127.0.0.1',
      NEW_RELIC_PORT: new URL(sink).port,
      NEW_RELIC_NO_CONFIG_FILE: 'true',
      NEW_RELIC_LOG_ENABLED: 'false',
      NEW_RELIC_UTILIZATION_DETECT_AWS: 'false',
      NEW_RELIC_UTILIZATION_DETECT_AZURE: 'false',
      NEW_RELIC_UTILIZATION_DETECT_GCP: 'false',
      NEW_RELIC_UTILIZATION_DETECT_PCF: 'false',
      NEW_RELIC_UTILIZATION_DETECT_DOCKER: 'false',
    }),
    agent: 'newrelic',
    isPeer: true,
  },
};

/** Spans without which a request was not traced: its own, and one for each call that it makes. */
export const spansPerRequest = { hello: 1, db: 2, mixed: 5 };
