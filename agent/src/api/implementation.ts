// What OpenTelemetry's API is served with. Loaded when somebody first asks: most of a service's processes never do, and
// none is to start the later for it.

import type { Context } from '@opentelemetry/api';
import type { Config } from '../config/config.js';
import { setLimits } from '../config/limits.js';
import type { ScopedItems } from '../otlp/scope.js';
import type { ActiveContext, EntrySpan } from '../trace/span.js';
import { contextWithValue, root } from './api-context.js';
import { type ApplicationLogs, startLogs } from './application-logs.js';
import { type ApplicationMetrics, startMetrics } from './application-metrics.js';
import { parseBaggage } from './baggage.js';
import { BAGGAGE_KEY } from './context-keys.js';
import { AgentContextManager } from './context-manager.js';
import type { Globals } from './global-api.js';
import { LazyLoggerProvider } from './logger-provider.js';
import { LazyMeterProvider } from './meter-provider.js';
import { W3CPropagator } from './propagators.js';
import { AgentTracerProvider } from './tracer-provider.js';

/** What the API is served with. */
export interface ApiOptions {
  config: Config;
  /** Sends the spans that have ended. */
  flush(): void;
  /** Sends metrics that were encoded. */
  sendMetrics(scopes: readonly ScopedItems[]): void;
  /** Sends log records that were encoded; false where the collector takes none. */
  sendLogs(scopes: readonly ScopedItems[], records: number): boolean;
}

/** All that the API's globals are made of. */
export class Implementation {
  readonly tracers: AgentTracerProvider;
  readonly loggers: LazyLoggerProvider;
  readonly globals: Globals;
  readonly #options: ApiOptions;
  #metrics: ApplicationMetrics | undefined;
  #logs: ApplicationLogs | undefined;
  #isRootKnown = false;

  constructor(options: ApiOptions) {
    this.#options = options;
    setLimits(options.config);
    this.tracers = new AgentTracerProvider(options.flush);
    this.loggers = new LazyLoggerProvider(() => this.#startLogs());
    this.globals = {
      trace: this.tracers,
      context: new AgentContextManager(),
      propagation: new W3CPropagator(),
      metrics: new LazyMeterProvider(() => this.#startMetrics()),
      logs: this.loggers,
    };
  }

  /** So that an application finds its own ROOT_CONTEXT active outside of everything; of several copies the first. */
  learnRoot(context: Context): void {
    if (this.#isRootKnown) return;
    this.#isRootKnown = true;
    root.context = context;
  }

  /** The context of a request that came with a `baggage` header. */
  contextOf(entry: EntrySpan, header: string): ActiveContext {
    const baggage = parseBaggage(header);
    return baggage === undefined ? entry : contextWithValue(entry, BAGGAGE_KEY, baggage);
  }

  /** Sends logs, and collects metrics, that have not been sent, because the process ends. */
  collect(): void {
    this.#logs?.flush();
    this.#metrics?.collect();
  }

  #startMetrics(): ApplicationMetrics['provider'] | undefined {
    this.#metrics = startMetrics({
      intervalMs: this.#options.config.metricsIntervalMs,
      send: (scopes) => this.#options.sendMetrics(scopes),
    });
    return this.#metrics?.provider;
  }

  #startLogs(): ApplicationLogs['provider'] | undefined {
    this.#logs = startLogs({
      intervalMs: this.#options.config.flushIntervalMs,
      send: (scopes, records) => this.#options.sendLogs(scopes, records),
    });
    return this.#logs?.provider;
  }
}
