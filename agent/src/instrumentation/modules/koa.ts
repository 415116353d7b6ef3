// Finds the route pattern of Koa requests and the errors that Koa answers for.

import type { IncomingMessage } from 'node:http';
import { tellHookFailure } from '../../self/log.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { entryOf } from '../request-entry.js';

const MATCHED = Symbol('venturi.matched');

/** What Koa's contexts inherit from. */
interface ContextPrototype {
  onerror: (this: Context, error: unknown, ...rest: unknown[]) => unknown;
}

/** What a router has matched: a route, or middleware, which has no methods. */
interface Layer {
  path?: unknown;
  methods?: readonly string[];
}

interface Context {
  req: IncomingMessage;
  method: string;
  matched?: readonly Layer[];
  [MATCHED]?: unknown;
}

/** Koa itself; the routes are those of `@koa/router` and `koa-router`, which both note them on the context. */
export const koa: Library = {
  name: 'koa',
  versions: '>=2.7.0 <4',
  poolWait: '',
  testedWith: 'itself and @koa/router 8.0 to 15',
  bundleMark: 'koa:application',
  patches: [{ packageName: 'koa', file: 'lib/context.js', patch: patchContext }],
};

function patchContext(prototype: ContextPrototype): void {
  patchMatchedRoute(prototype);
  const original = prototype.onerror;
  prototype.onerror = likeOriginal(
    function onerror(this: Context, ...args) {
      // Koa calls it at every end of a response, mostly with nothing.
      if (args[0] !== null && args[0] !== undefined) entryOf(this.req)?.addException(args[0]);
      return Reflect.apply(original, this, args);
    } as ContextPrototype['onerror'],
    original,
  );
}

/** Old routers name the last layer that matched, although that may be middleware behind the route. */
function routePath({ matched, method }: Context): unknown {
  if (!Array.isArray(matched)) return undefined;
  return matched.findLast((layer: Layer) => layer.methods?.includes(method))?.path;
}

/** A router assigns the whole pattern, prefixes included, just before it calls the handlers. */
function patchMatchedRoute(prototype: ContextPrototype): void {
  Object.defineProperty(prototype, '_matchedRoute', {
    configurable: true,
    enumerable: false,
    get(this: Context) {
      return this[MATCHED];
    },
    set(this: Context, pattern: unknown) {
      this[MATCHED] = pattern;
      try {
        const entry = entryOf(this.req);
        if (entry !== undefined && pattern !== undefined) {
          entry.route = String(routePath(this) ?? pattern);
        }
      } catch (error) {
        tellHookFailure('koa', error);
      }
    },
  });
}
