// The tracer provider that an application meets in OpenTelemetry's API.

import type { Tracer, TracerProvider } from '@opentelemetry/api';
import { Scope } from '../otlp/scope.js';
import { AgentTracer } from './tracer.js';

/** Beyond this, tracers are made anew each time: somebody names them after what they trace. */
const TRACERS_MAX = 1024;

/** Hands out tracers, and hands them over when the application brings a provider of its own. */
export class AgentTracerProvider implements TracerProvider {
  readonly #flush: () => void;
  readonly #tracers = new Map<string, AgentTracer>();
  #successor: TracerProvider | undefined;
  #isAsking = false;

  /** @param flush sends what has ended */
  constructor(flush: () => void) {
    this.#flush = flush;
  }

  getTracer(name: string, version?: string, options?: { schemaUrl?: string }): Tracer {
    const successor = this.#handedTo();
    if (successor !== undefined) return this.#ask(successor, name, version, options);
    const key = `${name}@${version ?? ''}:${options?.schemaUrl ?? ''}`;
    let tracer = this.#tracers.get(key);
    if (tracer === undefined) {
      tracer = this.#make(name, version, options?.schemaUrl);
      if (this.#tracers.size < TRACERS_MAX) this.#tracers.set(key, tracer);
    }
    return tracer;
  }

  /** From now on `provider` records what comes through the API, also through tracers that were handed out before. */
  handOver(provider: TracerProvider): void {
    this.#successor = provider;
  }

  /** What stands in this place without the agent is a proxy, which applications ask for what is behind it. */
  getDelegate(): TracerProvider {
    return this.#successor ?? this;
  }

  /** Sends what has ended. Resolves at once: the exporter goes on trying until the collector has it. */
  forceFlush(): Promise<void> {
    this.#flush();
    return Promise.resolve();
  }

  /** An application ends its tracing before it ends; the agent ends with the process. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  #make(name: string, version: string | undefined, schemaUrl: string | undefined): AgentTracer {
    let delegate: Tracer | undefined;
    return new AgentTracer(new Scope(String(name ?? ''), version, schemaUrl), () => {
      const successor = this.#handedTo();
      if (successor === undefined) return undefined;
      delegate ??= this.#ask(successor, name, version, { schemaUrl });
      return delegate;
    });
  }

  /** The provider in our place, but for the moment in which it asks us: it may only be a wrapper around us. */
  #handedTo(): TracerProvider | undefined {
    if (this.#successor === undefined || this.#isAsking) return undefined;
    const { getDelegate } = this.#successor as { getDelegate?: () => TracerProvider };
    return getDelegate?.call(this.#successor) === this ? undefined : this.#successor;
  }

  #ask(successor: TracerProvider, ...args: Parameters<TracerProvider['getTracer']>): Tracer {
    this.#isAsking = true;
    try {
      return successor.getTracer(...args);
    } finally {
      this.#isAsking = false;
    }
  }
}
