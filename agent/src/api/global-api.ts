// The object under which all copies of OpenTelemetry's API meet: publishes ours there, and leaves the place to a
// provider of the application's own.

import type { Context, ContextManager, TracerProvider } from '@opentelemetry/api';
import { versionOfCaller } from './caller-version.js';
import { SUPPRESS_KEY } from './context-keys.js';
import type { LoggerProvider } from './logger-provider.js';

const KEY = Symbol.for('opentelemetry.js.api.1');

/**
 * A copy of the API reads a registry only if that has the same major and at least its own minor. Ours has whatever a
 * minor asks for, since all later additions are optional.
 */
const VERSION = '1.99.0';

/** The kinds of global that the API knows. */
const TYPES = ['trace', 'context', 'propagation', 'metrics', 'logs', 'diag'] as const;

/** One of them. */
export type GlobalType = (typeof TYPES)[number];

/** Globals by kind. */
export type Globals = { [Type in GlobalType]?: unknown };

/** A registry as the copies of the API make it. */
export interface Registry extends Globals {
  version: string;
}

interface Holder {
  [KEY]?: Registry | undefined;
}

/** What happens at the registry. */
export interface GlobalApiEvents {
  /** An application has registered a provider of its own and has the global API from now on. */
  onSuccessor(provider: TracerProvider): void;
  /** It has registered a logger provider of its own. */
  onLoggers(provider: LoggerProvider): void;
  /** It tried, from a copy of the API whose version can't be found out; it was refused. */
  onRefused(place: string): void;
}

const holder = globalThis as Holder;

/**
 * Ours in the place that all copies read. A copy registers in steps that can be told apart from reading: it reads the
 * registry, assigns it to its place again, reads the kind, compares the version with its own, assigns the kind. So the
 * place is an accessor, which between the second and the last step plays an empty registry of that copy's version.
 */
export class GlobalApi {
  readonly #makeOurs: () => Globals;
  #madeOurs: Globals | undefined;
  readonly #events: GlobalApiEvents;
  /** What the application has registered beside ours. */
  readonly #theirs: Globals = {};
  readonly #registry = {} as Registry;
  /** The version of the copy that is registering right now. */
  #registering: string | undefined;
  /** The file of a copy that is registering right now and whose version is not known. */
  #refused: string | undefined;
  #isPublished = false;

  /** @param makeOurs called when a copy first asks for one of them */
  constructor(makeOurs: () => Globals, events: GlobalApiEvents) {
    this.#makeOurs = makeOurs;
    this.#events = events;
  }

  get #ours(): Globals {
    this.#madeOurs ??= { ...this.#makeOurs() };
    return this.#madeOurs;
  }

  /** The place as it is, before ours is published. */
  static get existing(): Registry | undefined {
    return holder[KEY];
  }

  /** Publishes ours, with what the application had registered before. */
  publish(): void {
    const existing = GlobalApi.existing;
    if (existing !== undefined) {
      for (const type of TYPES) {
        if (existing[type] !== undefined) this.#theirs[type] = existing[type];
      }
    }
    Object.defineProperty(this.#registry, 'version', {
      get: () => this.#registering ?? VERSION,
      enumerable: true,
    });
    this.#defineTypes();
    Object.defineProperty(holder, KEY, {
      get: () => this.#read(),
      set: (registry: Registry | undefined) => this.#assigned(registry),
      configurable: true,
      enumerable: false,
    });
  }

  #read(): Registry {
    this.#registering = undefined;
    this.#refused = undefined;
    return this.#registry;
  }

  #assigned(registry: Registry | undefined): void {
    if (registry !== this.#registry) {
      // Somebody clears the place, or puts a registry of his own there.
      place(registry);
      return;
    }
    // Those that an application has removed in the meantime, as `trace.disable()` does.
    this.#defineTypes();
    const caller = versionOfCaller();
    this.#registering = caller.version;
    if (caller.version === undefined) this.#refused = caller.place;
  }

  #defineTypes(): void {
    for (const type of TYPES) {
      if (Object.hasOwn(this.#registry, type)) continue;
      if (this.#isPublished) {
        delete this.#ours[type];
        delete this.#theirs[type];
      }
      Object.defineProperty(this.#registry, type, {
        get: () => this.#get(type),
        set: (instance: unknown) => this.#set(type, instance),
        configurable: true,
        enumerable: true,
      });
    }
    this.#isPublished = true;
  }

  #get(type: GlobalType): unknown {
    if (this.#registering !== undefined) return this.#theirs[type];
    if (type === 'trace' && this.#refused !== undefined) this.#events.onRefused(this.#refused);
    // A context manager without a provider of its own is kept until there is one: ours carries our spans.
    if (type === 'context') return this.#ours.context ?? this.#theirs.context;
    return this.#theirs[type] ?? this.#ours[type];
  }

  #set(type: GlobalType, instance: unknown): void {
    const version = this.#registering ?? VERSION;
    this.#registering = undefined;
    this.#theirs[type] = instance;
    if (type === 'logs') this.#events.onLoggers(instance as LoggerProvider);
    if (type !== 'trace') return;
    place({ version, ...this.#theirs });
    this.#events.onSuccessor(instance as TracerProvider);
  }
}

/** Puts an ordinary registry into the place, as if ours had never been there. */
function place(registry: Registry | undefined): void {
  Object.defineProperty(holder, KEY, {
    value: registry,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/** The context of the application's own context manager; undefined while that is ours, or there is none. */
export function otherActiveContext(): Context | undefined {
  return (holder[KEY]?.context as ContextManager | undefined)?.active();
}

/** Calls `fn` outside of every request, in a context in which no SDK records. */
export function suppressInOther(fn: () => void): void {
  const manager = holder[KEY]?.context as ContextManager | undefined;
  if (manager === undefined) fn();
  else manager.with(SUPPRESSING, fn);
}

/** A context with nothing else in it. A method of it that changes something is nobody's business. */
const SUPPRESSING: Context = {
  getValue: (key) => (key === SUPPRESS_KEY ? true : undefined),
  setValue: () => SUPPRESSING,
  deleteValue: () => SUPPRESSING,
};
