// Serves OpenTelemetry's API: what an application records through it goes the way of the agent's own spans.

import type { TracerProvider } from '@opentelemetry/api';
import type { LibraryName } from '../config/disabled-libraries.js';
import { otherManager } from '../context/store.js';
import { tell } from '../self/log.js';
import { incomingBaggage } from '../trace/propagation.js';
import { SUPPRESS_KEY } from './context-keys.js';
import { type CopyPatch, patchesOfCopies } from './copies.js';
import { GlobalApi, otherActiveContext, suppressInOther } from './global-api.js';
import type { ApiOptions, Implementation } from './implementation.js';

/** What others must do for it. */
export interface ServedApi {
  /** Changes to copies of the API, for the module hook. */
  patches: readonly CopyPatch[];
  /** Lets OpenTelemetry's instrumentations that are installed record through the API. Call after all hooks. */
  startLongTail(disabled: ReadonlySet<LibraryName>): void;
  /** Sends what is left of an application's metrics and logs, because the process ends. */
  collect(): void;
}

/**
 * Publishes tracer provider, context manager, propagator, meter and logger provider as the API's globals, but where the
 * application has registered a tracer provider of its own before.
 */
export function serveApi(options: ApiOptions): ServedApi {
  let loaded: Implementation | undefined;
  const implementation = (): Implementation => {
    loaded ??= load(options);
    return loaded;
  };
  const collect = (): void => loaded?.collect();
  incomingBaggage.contextOf = (entry, header) => implementation().contextOf(entry, header);
  const earlier = GlobalApi.existing?.trace as TracerProvider | undefined;
  if (earlier !== undefined) stepAside(earlier);
  if (earlier !== undefined || !options.config.servesApi) {
    return { patches: [], startLongTail: () => tell('VENTURI_A033', ''), collect };
  }
  const api = new GlobalApi(() => implementation().globals, {
    onSuccessor: (successor) => {
      implementation().tracers.handOver(successor);
      stepAside(successor);
    },
    onLoggers: (provider) => implementation().loggers.handOver(provider),
    onRefused: (place) => tell('VENTURI_A021', place),
  });
  api.publish();
  return { patches: patchesOfCopies(implementation), startLongTail, collect };
}

function startLongTail(disabled: ReadonlySet<LibraryName>): void {
  // Loaded only where it is wanted.
  const module = require('./long-tail.js') as typeof import('./long-tail.js');
  module.startLongTail(disabled);
}

function load(options: ApiOptions): Implementation {
  const module = require('./implementation.js') as typeof import('./implementation.js');
  return new module.Implementation(options);
}

/** The application's own provider has the global API. Our hooks go on, since they never go through it. */
function stepAside(provider: TracerProvider): void {
  otherManager.suppress = suppressInOther;
  otherManager.isSuppressed = () => otherActiveContext()?.getValue(SUPPRESS_KEY) === true;
  // What the API registers is a proxy, which is given its provider right afterwards.
  queueMicrotask(() => tell('VENTURI_A020', nameOf(provider)));
}

function nameOf(provider: TracerProvider): string {
  const { getDelegate } = provider as { getDelegate?: () => TracerProvider };
  const delegate = typeof getDelegate === 'function' ? getDelegate.call(provider) : provider;
  return delegate.constructor?.name || 'a tracer provider';
}
