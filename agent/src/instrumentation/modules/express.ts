// Finds the route pattern of Express 4 and 5 requests, mounted routers included, and the errors they pass on.

import type { IncomingMessage } from 'node:http';
import type { Step } from '../../trace/step.js';
import type { Library } from '../library.js';
import { likeOriginal } from '../like-original.js';
import { entryOf } from '../request-entry.js';
import { describeStep, enterStep } from '../slow-step.js';

type Handler = (this: never, ...args: unknown[]) => unknown;
type Method = 'handle_request' | 'handleRequest' | 'handle_error' | 'handleError';

const PATTERN = Symbol('venturi.pattern');
const OWNER = Symbol('venturi.owner');
/** Express tells handlers of errors by it. */
const ERROR_HANDLER_LENGTH = 4;
const LEVELS = Symbol('venturi.levels');
const STEP = Symbol('venturi.step');
const CURRENT = Symbol('venturi.current');

/** Express keeps the pattern of a route, but of a mounted router only what it compiled it to: so we note it. */
interface Layer {
  [PATTERN]?: string;
  /** The router whose `use` made it. */
  [OWNER]?: object;
  /** The function that it calls. */
  [STEP]?: Step;
  handle?: { name?: unknown; length: number };
  /** The HTTP method, on the layers of a route. */
  method?: string;
  /** On the layer that leads to a route, whose own layers call the handlers. */
  route?: unknown;
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

type RouterMethods = Record<'use' | 'route' | 'handle' | 'param', Handler>;

/** Express 4 carries its router, Express 5 loads it as a package; `finalhandler` answers for both. */
export const express: Library = {
  name: 'express',
  versions: '>=4.16.0 <6',
  poolWait: '',
  testedWith: 'itself',
  bundleMark: 'trust proxy fn',
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
  methods.param = watchParam(methods.param);
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

/** The functions of `router.param` run between two layers, and would be taken for the first of them. */
function watchParam(original: Handler): Handler {
  function param(this: unknown, ...args: unknown[]): unknown {
    const [name, handler] = args;
    if (typeof handler !== 'function') return Reflect.apply(original, this as never, args);
    const step = describeStep('param', String(name));
    function call(this: unknown, ...values: unknown[]): unknown {
      enterStep(entryOf(values[0] as Request), step);
      return Reflect.apply(handler as Handler, this as never, values);
    }
    const watched = likeOriginal(call, handler);
    return Reflect.apply(original, this as never, [name, watched, ...args.slice(2)]);
  }
  return likeOriginal(param, original);
}

function patchLayer(exported: { prototype: Partial<Record<Method, Handler>> }): void {
  const { prototype } = exported;
  const onRequest = prototype.handleRequest === undefined ? 'handle_request' : 'handleRequest';
  const onError = prototype.handleError === undefined ? 'handle_error' : 'handleError';
  const handleRequest = prototype[onRequest] as Handler;
  const handleError = prototype[onError] as Handler;
  // By name, since Express does not count them, and V8 would have to make an array.
  prototype[onRequest] = function (
    this: Layer,
    message: unknown,
    response: unknown,
    next: unknown,
  ) {
    const request = message as Request;
    const pattern = this[PATTERN];
    if (pattern !== undefined) request[CURRENT] = join(levelPattern(request, this[OWNER]), pattern);
    if (this.route === undefined) enterStep(entryOf(request), stepOf(this));
    return handleRequest.call(this as never, request, response, next);
  };
  prototype[onError] = function (this: Layer, ...args: unknown[]) {
    const request = args[1] as Request;
    noteError(request, args[0]);
    if (this.handle?.length === ERROR_HANDLER_LENGTH) enterStep(entryOf(request), stepOf(this));
    return Reflect.apply(handleError, this as never, args);
  };
}

function stepOf(layer: Layer): Step {
  const known = layer[STEP];
  if (known !== undefined) return known;
  const { handle, method, [PATTERN]: pattern } = layer;
  const name = typeof handle?.name === 'string' && handle.name !== '' ? handle.name : 'anonymous';
  // `router.use` notes a pattern, `router.get` and its like do not.
  const isHandler = pattern === undefined || method !== undefined;
  const step = describeStep(isHandler ? 'handler' : 'middleware', name);
  layer[STEP] = step;
  return step;
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
