// OpenTelemetry's context manager over the agent's own context.

import { EventEmitter } from 'node:events';

import type { Context, ContextManager } from '@opentelemetry/api';
import { storage } from '../context/store.js';
import { contextOf, enteredFor } from './api-context.js';
import { bindEmitter } from './bind-emitter.js';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** What `attach` returns: `dispose` goes back to the context that was active before, once. */
interface AttachToken {
  dispose(): void;
}

/** Never switched on or off: the agent's hooks need the context whatever the application does with the API. */
export class AgentContextManager implements ContextManager {
  active(): Context {
    return contextOf(storage.getStore());
  }

  with<Args extends unknown[], Fn extends (...args: Args) => ReturnType<Fn>>(
    context: Context,
    fn: Fn,
    thisArg?: ThisParameterType<Fn>,
    ...args: Args
  ): ReturnType<Fn> {
    const entered = enteredFor(context);
    return storage.run(entered, Reflect.apply, fn as never, thisArg, args) as ReturnType<Fn>;
  }

  bind<Target>(context: Context, target: Target): Target {
    const entered = enteredFor(context);
    const bindFunction = (fn: AnyFunction): AnyFunction => {
      const bound = function (this: unknown, ...args: unknown[]): unknown {
        return storage.run(entered, Reflect.apply, fn, this, args);
      };
      return Object.defineProperty(bound, 'length', { value: fn.length, configurable: true });
    };
    if (target instanceof EventEmitter) return bindEmitter(target, bindFunction) as Target;
    if (typeof target === 'function') return bindFunction(target as AnyFunction) as Target;
    return target;
  }

  /** From 1.10 of the API on; the one place that enters a context, because the application asks for just that. */
  attach(context: Context): AttachToken {
    const before = storage.getStore();
    let isAttached = true;
    storage.enterWith(enteredFor(context));
    return {
      dispose: () => {
        if (isAttached) storage.enterWith(before);
        isAttached = false;
      },
    };
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}
