// Finds the route pattern of Express 4 and 5 requests, mounted routers included, and the errors they pass on.

import type { IncomingMessage } from 'node:http';
import type { Library } from '../library.js';
import { entryOf } from '../request-entry.js';

type Handler = (this: never, ...args: unknown[]) => unknown;
type Method = 'handle_request' | 'handleRequest' | 'handle_error' | 'handleError';

const PATTERN = Symbol('venturi.pattern');
const OWNER = Symbol('venturi.owner');
const LEVELS = Symbol('venturi.levels');
const CURRENT = Symbol('venturi.current');

/** Express keeps the pattern of a route, but of a mounted router only what it compiled it to: so we note it. */
interface Layer {
  [PATTERN]?: string;
  /** The router whose `use` made it. */
  [OWNER]?: object;
}

interface Route {
  path: unknown;
  /** The router whose `route` made it. */
  [OWNER]?: object;
}

/** A router that the request has entered, and the patterns that led there; the latest first. */
interface Level {
  router: object;
  pattern: string;
  up: Level | undefined;
}

interface Request extends IncomingMessage {
  [LEVELS]?: Level;
  /** The patterns that lead to the layer that was called last; a router that is entered next is mounted there. */
  [CURRENT]?: string;
}

type RouterMethods = Record<'use' | 'route' | 'handle', Handler>;

/** Express 4 carries its router, Express 5 loads it as a package; `finalhandler` answers for both. */
export const express: Library = {
  name: 'express',
  versions: '>=4.16.0 <6',
  poolWait: '',
  testedWith: 'itself',
  patches: [
    { packageName: 'express', file: 'lib/router/index.js', patch: patchRouter },
    { packageName: 'express', file: 'lib/router/layer.js', patch: patchLayer },
    { packageName: 'express', file: 'lib/router/route.js', patch: patchRoute },
    { packageName: 'router', file: 'index.js', patch: patchRouter },
    { packageName: 'router', file: 'lib/layer.js', patch: patchLayer },
    { packageName: 'router', file: 'lib/route.js', patch: patchRoute },
    { packageName: 'finalhandler', file: 'index.js', patch: patchFinalHandler },
  ],
};

/** In Express 4 the exported function is itself the prototype of routers. */
function patchRouter(exported: RouterMethods & { prototype: RouterMethods | undefined }): void {
  const methods = typeof exported.use === 'function' ? exported : exported.prototype;
  if (methods === undefined) return;
  const { use, route, handle } = methods;
  methods.use = function (this: { stack: Layer[] }, ...args: unknown[]) {
    const before = this.stack.length;
    const result = Reflect.apply(use, this as never, args);
    const pattern = mountPattern(args[0]);
    for (const layer of this.stack.slice(before)) {
      layer[PATTERN] = pattern;
      layer[OWNER] = this;
    }
    return result;
  };
  methods.route = function (this: object, ...args: unknown[]) {
    const created = Reflect.apply(route, this as never, args) as Route;
    created[OWNER] = this;
    return created;
  };
  methods.handle = function (this: object, ...args: unknown[]) {
    const request = args[0] as Request;
    request[LEVELS] = { router: this, pattern: request[CURRENT] ?? '', up: request[LEVELS] };
    return Reflect.apply(handle, this as never, args);
  };
}

function patchLayer(exported: { prototype: Partial<Record<Method, Handler>> }): void {
  const { prototype } = exported;
  const onRequest = prototype.handleRequest === undefined ? 'handle_request' : 'handleRequest';
  const onError = prototype.handleError === undefined ? 'handle_error' : 'handleError';
  const handleRequest = prototype[onRequest] as Handler;
  const handleError = prototype[onError] as Handler;
  prototype[onRequest] = function (this: Layer, ...args: unknown[]) {
    const request = args[0] as Request;
    const pattern = this[PATTERN];
    if (pattern !== undefined) request[CURRENT] = join(levelPattern(request, this[OWNER]), pattern);
    return Reflect.apply(handleRequest, this as never, args);
  };
  prototype[onError] = function (this: unknown, ...args: unknown[]) {
    noteError(args[1] as Request, args[0]);
    return Reflect.apply(handleError, this as never, args);
  };
}

function patchRoute(exported: { prototype: { dispatch: Handler } }): void {
  const original = exported.prototype.dispatch;
  exported.prototype.dispatch = function (this: Route, ...args: unknown[]) {
    const request = args[0] as Request;
    const entry = entryOf(request);
    if (entry !== undefined) {
      const mounted = levelPattern(request, this[OWNER]);
      entry.route = join(mounted, patternText(this.path)) || '/';
    }
    return Reflect.apply(original, this as never, args);
  };
}

/** Errors that no error handler took end here. */
function patchFinalHandler(exported: Handler): Handler {
  return function finalhandler(this: unknown, ...args: unknown[]) {
    const final = Reflect.apply(exported, this as never, args) as Handler;
    return function done(this: unknown, error: unknown) {
      noteError(args[0] as Request, error);
      return Reflect.apply(final, this as never, [error]);
    };
  };
}

function noteError(request: Request, error: unknown): void {
  // 'route' and 'router' are words by which a handler leaves its route, and no errors.
  if (error === undefined || error === null || error === 'route' || error === 'router') return;
  entryOf(request)?.addException(error);
}

/** The patterns that led to `router`; a request may have left routers that lie above it in the list. */
function levelPattern(request: Request, router: object | undefined): string {
  let level = request[LEVELS];
  while (level !== undefined && level.router !== router) level = level.up;
  return level?.pattern ?? '';
}

/** The path that `use` was called with; '' where it was called with handlers alone or with `/`. */
function mountPattern(path: unknown): string {
  const first = Array.isArray(path) ? path.flat(Number.POSITIVE_INFINITY)[0] : path;
  return typeof first === 'function' || path === '/' ? '' : patternText(path);
}

function patternText(path: unknown): string {
  return Array.isArray(path) ? path.map(String).join('|') : String(path);
}

function join(mounted: string, own: string): string {
  if (mounted === '' || own === '') return mounted || own;
  return own === '/' ? mounted : mounted.replace(/\/$/, '') + own;
}
