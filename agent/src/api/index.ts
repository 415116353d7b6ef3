// Serves OpenTelemetry's API: what an application records through it goes the way of the agent's own spans.

import type { TracerProvider } from '@opentelemetry/api';
import type { Config } from '../config/config.js';
import { otherManager } from '../context/store.js';
import type { ScopedItems } from '../otlp/scope.js';
import { tell } from '../self/log.js';
import { incomingBaggage } from '../trace/propagation.js';
import { contextWithValue } from './api-context.js';
import { type ApplicationLogs, startLogs } from './application-logs.js';
import { type ApplicationMetrics, startMetrics } from './application-metrics.js';
import { parseBaggage } from './baggage.js';
import { BAGGAGE_KEY, SUPPRESS_KEY } from './context-keys.js';
import { AgentContextManager } from './context-manager.js';
import { type CopyPatch, patchesOfCopies } from './copies.js';
import { GlobalApi, otherActiveContext } from './global-api.js';
import { setLimits } from './limits.js';
import { LazyLoggerProvider } from './logger-provider.js';
import { LazyMeterProvider } from './meter-provider.js';
import { W3CPropagator } from './propagators.js';
import { AgentTracerProvider } from './tracer-provider.js';

/** What the API is served with. */
export interface ApiOptions {
  config: Config;
  /** Sends the spans that have ended. */
  flush(): void;
  /** Sends metrics or logs that were encoded, to a path of the collector's. */
  send(path: string, scopes: readonly ScopedItems[]): void;
}

/** What others must do for it. */
export interface ServedApi {
  /** Changes to copies of the API, for the module hook. */
  patches: readonly CopyPatch[];
  /** Collects metrics and logs that have not been sent, because the process ends. */
  collect(): void;
}

const LOGS_PATH = '/v1/logs';
const METRICS_PATH = '/v1/metrics';

/**
 * Publishes tracer provider, context manager, propagator, meter and logger provider as the API's globals, but where the
 * application has registered a tracer provider of its own before.
 */
export function serveApi(options: ApiOptions): ServedApi {
  const { config } = options;
  setLimits(config);
  incomingBaggage.contextOf = (entry, header) => {
    const baggage = parseBaggage(header);
    return baggage === undefined ? entry : contextWithValue(entry, BAGGAGE_KEY, baggage);
  };
  const earlier = GlobalApi.existing?.trace as TracerProvider | undefined;
  if (earlier !== undefined) stepAside(earlier);
  if (earlier !== undefined || !config.servesApi) return { patches: [], collect: () => {} };
  const tracers = new AgentTracerProvider(options.flush);
  const { meters, loggers, collect } = lazySdks(options);
  const ours = {
    trace: tracers,
    context: new AgentContextManager(),
    propagation: new W3CPropagator(),
    metrics: meters,
    logs: loggers,
  };
  const api = new GlobalApi(ours, {
    onSuccessor: (successor) => {
      tracers.handOver(successor);
      stepAside(successor);
    },
    onLoggers: (provider) => loggers.handOver(provider),
    onRefused: (place) => tell('VENTURI_A021', place),
  });
  api.publish();
  return { patches: patchesOfCopies(tracers, loggers), collect };
}

/** OpenTelemetry's SDKs of metrics and logs, which are loaded when something is recorded. */
function lazySdks({ config, send }: ApiOptions): {
  meters: LazyMeterProvider;
  loggers: LazyLoggerProvider;
  collect(): void;
} {
  let metrics: ApplicationMetrics | undefined;
  let logs: ApplicationLogs | undefined;
  const meters = new LazyMeterProvider(() => {
    const sendMetrics = (scopes: readonly ScopedItems[]): void => send(METRICS_PATH, scopes);
    metrics = startMetrics({ intervalMs: config.metricsIntervalMs, send: sendMetrics });
    return metrics?.provider;
  });
  const loggers = new LazyLoggerProvider(() => {
    const sendLogs = (scopes: readonly ScopedItems[]): void => send(LOGS_PATH, scopes);
    logs = startLogs({ intervalMs: config.flushIntervalMs, send: sendLogs });
    return logs?.provider;
  });
  const collect = (): void => {
    logs?.flush();
    metrics?.collect();
  };
  return { meters, loggers, collect };
}

/** The application's own provider has the global API. Our hooks go on, since they never go through it. */
function stepAside(provider: TracerProvider): void {
  otherManager.isSuppressed = () => otherActiveContext()?.getValue(SUPPRESS_KEY) === true;
  // What the API registers is a proxy, which is given its provider right afterwards.
  queueMicrotask(() => tell('VENTURI_A020', nameOf(provider)));
}

function nameOf(provider: TracerProvider): string {
  const { getDelegate } = provider as { getDelegate?: () => TracerProvider };
  const delegate = typeof getDelegate === 'function' ? getDelegate.call(provider) : provider;
  return delegate.constructor?.name || 'a tracer provider';
}
