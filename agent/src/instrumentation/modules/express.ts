// Finds the route pattern of Express 4 and 5 requests, mounted routers included, and the errors they pass on.

import type { IncomingMessage } from 'node:http';
import type { FilePatch } from '../module-hook.js';
import { entryOf } from '../request-entry.js';

type Handler = (this: unknown, ...args: unknown[]) => unknown;
type Method = 'handle_request' | 'handleRequest' | 'handle_error' | 'handleError';

const PATTERN = Symbol('venturi.pattern');
const MOUNTS = Symbol('venturi.mounts');

/** Express keeps the pattern of a route, but of a mounted router only what it compiled it to: so we note it. */
interface Layer {
  [PATTERN]?: string;
  /** The part of the URL that the pattern matched, set before the layer is called. */
  path?: string;
}

/** A mounted router through which the request went; the latest first. */
interface Mount {
  /** As `req.baseUrl` is inside it. */
  baseUrl: string;
  /** Its patterns from the application's root: `/api/:version`. */
  pattern: string;
  up: Mount | undefined;
}

interface Request extends IncomingMessage {
  baseUrl?: string;
  [MOUNTS]?: Mount;
}

interface Router {
  use: Handler;
}

interface Route {
  path: unknown;
}

/** Express 4 carries its router, Express 5 loads it as a package; `finalhandler` answers for both. */
export const expressPatches: readonly FilePatch[] = [
  { packageName: 'express', file: 'lib/router/index.js', patch: patchRouter },
  { packageName: 'express', file: 'lib/router/layer.js', patch: patchLayer },
  { packageName: 'express', file: 'lib/router/route.js', patch: patchRoute },
  { packageName: 'router', file: 'index.js', patch: patchRouter },
  { packageName: 'router', file: 'lib/layer.js', patch: patchLayer },
  { packageName: 'router', file: 'lib/route.js', patch: patchRoute },
  { packageName: 'finalhandler', file: 'index.js', patch: patchFinalHandler },
];

/** In Express 4 the exported function is itself the prototype of routers. */
function patchRouter(exported: Router & { prototype: Partial<Router> | undefined }): void {
  const owner = typeof exported.use === 'function' ? exported : exported.prototype;
  if (typeof owner?.use !== 'function') return;
  const original = owner.use;
  owner.use = function use(this: { stack: Layer[] }, ...args: unknown[]) {
    const before = this.stack.length;
    const result = Reflect.apply(original, this, args);
    const pattern = patternOf(args[0]);
    if (pattern !== '') {
      for (let i = before; i < this.stack.length; i++) (this.stack[i] as Layer)[PATTERN] = pattern;
    }
    return result;
  } as Handler;
}

function patchLayer(exported: { prototype: Partial<Record<Method, Handler>> }): void {
  const { prototype } = exported;
  const onRequest = prototype.handleRequest === undefined ? 'handle_request' : 'handleRequest';
  const onError = prototype.handleError === undefined ? 'handle_error' : 'handleError';
  const handleRequest = prototype[onRequest] as Handler;
  const handleError = prototype[onError] as Handler;
  prototype[onRequest] = function handle_request(this: Layer, ...args: unknown[]) {
    if (this[PATTERN] !== undefined) enter(args[0] as Request, this);
    return Reflect.apply(handleRequest, this, args);
  } as Handler;
  prototype[onError] = function handle_error(this: unknown, ...args: unknown[]) {
    noteError(args[1] as Request, args[0]);
    return Reflect.apply(handleError, this, args);
  } as Handler;
}

function patchRoute(exported: { prototype: { dispatch: Handler } }): void {
  const original = exported.prototype.dispatch;
  exported.prototype.dispatch = function dispatch(this: Route, ...args: unknown[]) {
    const request = args[0] as Request;
    const entry = entryOf(request);
    if (entry !== undefined) {
      const mounted = mountAt(request, request.baseUrl ?? '');
      entry.route = join(mounted?.pattern ?? '', routePattern(this.path));
    }
    return Reflect.apply(original, this, args);
  } as Handler;
}

/** Errors that no error handler took end here. */
function patchFinalHandler(exported: Handler): Handler {
  return function finalhandler(this: unknown, ...args: unknown[]) {
    const final = Reflect.apply(exported, this, args) as Handler;
    return function done(this: unknown, error: unknown) {
      noteError(args[0] as Request, error);
      return Reflect.apply(final, this, [error]);
    };
  };
}

function noteError(request: Request, error: unknown): void {
  // 'route' and 'router' are words by which a handler leaves its route, and no errors.
  if (error === undefined || error === null || error === 'route' || error === 'router') return;
  entryOf(request)?.addException(error);
}

function enter(request: Request, layer: Layer): void {
  const baseUrl = request.baseUrl ?? '';
  const own = layer.path ?? '';
  const parentUrl = baseUrl.slice(0, Math.max(0, baseUrl.length - own.replace(/\/$/, '').length));
  const parent = mountAt(request, parentUrl);
  const pattern = join(parent?.pattern ?? '', layer[PATTERN] as string);
  request[MOUNTS] = { baseUrl, pattern, up: request[MOUNTS] };
}

/** The mount that the request is in; routers that it has left lie further up with other base URLs. */
function mountAt(request: Request, baseUrl: string): Mount | undefined {
  if (baseUrl === '') return undefined;
  let mount = request[MOUNTS];
  while (mount !== undefined && mount.baseUrl !== baseUrl) mount = mount.up;
  return mount;
}

/** The path that `use` was called with, or '' where it was called with handlers only or with `/`. */
function patternOf(path: unknown): string {
  const first = Array.isArray(path) ? path.flat(Number.POSITIVE_INFINITY)[0] : path;
  if (typeof first === 'function' || path === '/') return '';
  return routePattern(path);
}

function routePattern(path: unknown): string {
  return Array.isArray(path) ? path.map(String).join('|') : String(path);
}

function join(mounted: string, own: string): string {
  if (mounted === '') return own;
  return own === '/' ? mounted : mounted.replace(/\/$/, '') + own;
}
