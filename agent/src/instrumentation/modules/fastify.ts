// Finds the route pattern of Fastify 4 and 5 requests and the errors of their handlers, with Fastify's own hooks.

import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { tellHookFailure } from '../../self/log.js';
import type { Library } from '../library.js';
import { entryOf } from '../request-entry.js';
import { markOwn, patchBodyParser, patchHooks, watchRoute } from './fastify-steps.js';

/** The parts of Fastify that are used, as https://fastify.dev/docs/latest/Reference/Hooks documents them. */
interface Instance {
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): void;
  addHook(name: 'onError', hook: ErrorHook): void;
}

interface RouteOptions {
  url: string;
  onRequest?: RequestHook | RequestHook[];
}

interface Request {
  raw: IncomingMessage;
}

type Done = () => void;
type RequestHook = (request: Request, reply: unknown, done: Done) => void;
type ErrorHook = (request: Request, reply: unknown, error: unknown, done: Done) => void;

/** The patches are for slow hooks; routes and errors come by Fastify's own hooks, bundled or not. */
export const fastify: Library = {
  name: 'fastify',
  versions: '>=4.0.0 <6',
  poolWait: '',
  testedWith: 'itself',
  patches: [
    { packageName: 'fastify', file: 'lib/hooks.js', patch: patchHooks },
    { packageName: 'fastify', file: 'lib/contentTypeParser.js', patch: patchBodyParser },
    { packageName: 'fastify', file: 'lib/content-type-parser.js', patch: patchBodyParser },
  ],
};

/** Subscribes to the channel on which every new Fastify instance is announced. */
export function patchFastify(): void {
  subscribe('fastify.initialization', (message) => {
    try {
      instrument((message as { fastify: Instance }).fastify);
    } catch (error) {
      tellHookFailure('fastify', error);
    }
  });
}

function instrument(instance: Instance): void {
  instance.addHook('onRoute', (route) => {
    const { url } = route;
    watchRoute(route);
    // First in its route, so that a hook which answers early cannot hide the pattern. One function for each route:
    // asking `request.routeOptions` builds an object with a dozen members every time.
    const setRoute: RequestHook = markOwn((request, _reply, done) => {
      const entry = entryOf(request.raw);
      if (entry !== undefined) entry.route = url;
      done();
    });
    route.onRequest = [setRoute].concat(route.onRequest ?? []);
  });
  instance.addHook('onError', (request, _reply, error, done) => {
    entryOf(request.raw)?.addException(error);
    done();
  });
}
