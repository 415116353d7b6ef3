// Serves OpenTelemetry's API: what an application records through it goes the way of the agent's own spans.

import type { Baggage, TracerProvider } from '@opentelemetry/api';
import type { Config } from '../config/config.js';
import { otherManager } from '../context/store.js';
import { tell } from '../self/log.js';
import { incomingBaggage } from '../trace/propagation.js';
import { contextWithValue } from './api-context.js';
import { parseBaggage } from './baggage.js';
import { BAGGAGE_KEY, SUPPRESS_KEY } from './context-keys.js';
import { AgentContextManager } from './context-manager.js';
import { type CopyPatch, patchesOfCopies } from './copies.js';
import { GlobalApi, otherActiveContext } from './global-api.js';
import { setLimits } from './limits.js';
import { W3CPropagator } from './propagators.js';
import { AgentTracerProvider } from './tracer-provider.js';

/** What the API is served with. */
export interface ApiOptions {
  config: Config;
  /** Sends what has ended. */
  flush(): void;
}

/**
 * Publishes tracer provider, context manager and propagator as the API's globals, but where the application has
 * registered its own before.
 * @returns changes to copies of the API, for the module hook
 */
export function serveApi({ config, flush }: ApiOptions): CopyPatch[] {
  setLimits(config);
  incomingBaggage.contextOf = (entry, header) => {
    const baggage: Baggage | undefined = parseBaggage(header);
    return baggage === undefined ? entry : contextWithValue(entry, BAGGAGE_KEY, baggage);
  };
  if (!config.servesApi) return [];
  const provider = new AgentTracerProvider(flush);
  const earlier = GlobalApi.existing?.trace as TracerProvider | undefined;
  if (earlier !== undefined) {
    stepAside(earlier);
    return [];
  }
  const ours = {
    trace: provider,
    context: new AgentContextManager(),
    propagation: new W3CPropagator(),
  };
  const api = new GlobalApi(ours, {
    onSuccessor: (successor) => {
      provider.handOver(successor);
      stepAside(successor);
    },
    onRefused: (place) => tell('VENTURI_A021', place),
  });
  api.publish();
  return patchesOfCopies(provider);
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
