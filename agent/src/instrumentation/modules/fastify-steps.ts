// Watches the hooks and handlers of Fastify 4 and 5 for slow ones.

import type { IncomingMessage } from 'node:http';
import { tellHookFailure } from '../../self/log.js';
import { likeOriginal } from '../like-original.js';
import { entryOf } from '../request-entry.js';
import { describeStep, enterStep, leaveStep } from '../slow-step.js';

type AnyFunction = (this: never, ...args: never[]) => unknown;

/** The hooks that a request waits for, in their order. 'onResponse' runs when it has been answered. */
const HOOKS = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onError',
  'onSend',
] as const;

/** They take request, reply, payload or error, and `done`. */
const WITH_PAYLOAD: readonly string[] = ['preParsing', 'preSerialization', 'onError', 'onSend'];

/** Hooks of instances that the agent made itself. */
const OWN = Symbol('venturi.own');

interface Request {
  raw: IncomingMessage;
}

/** Not to be watched, since it is the agent's. */
export function markOwn<Fn extends AnyFunction>(hook: Fn): Fn {
  return Object.assign(hook, { [OWN]: true });
}

/** `lib/hooks.js`: every hook of every instance passes through `add`, when `addHook` has found it valid. */
export function patchHooks(exported: { Hooks: { prototype: { add: AnyFunction } } }): void {
  const { prototype } = exported.Hooks;
  const original = prototype.add;
  function add(this: unknown, name: string, hook: unknown): unknown {
    return Reflect.apply(original, this as never, [name, watch(name, hook)] as never);
  }
  prototype.add = likeOriginal(add, original);
}

/** `lib/content-type-parser.js`: while the body arrives no hook is to blame. */
export function patchBodyParser(exported: { prototype: { run: AnyFunction } }): void {
  const { prototype } = exported;
  const original = prototype.run;
  // By name, and the most that any version passes: V8 would have to make an array of the rest.
  function run(
    this: unknown,
    type: unknown,
    handler: unknown,
    request: unknown,
    reply: unknown,
  ): unknown {
    const entry = entryOf((request as Request).raw);
    if (entry !== undefined) leaveStep(entry);
    return original.call(
      this as never,
      type as never,
      handler as never,
      request as never,
      reply as never,
    );
  }
  prototype.run = likeOriginal(run, original);
}

/** The hooks and the handler that a route brings along. */
export function watchRoute(route: object): void {
  const options = route as Record<string, unknown>;
  for (const name of HOOKS) {
    const hooks = options[name];
    if (Array.isArray(hooks)) options[name] = hooks.map((hook) => watch(name, hook));
    else if (hooks !== undefined) options[name] = watch(name, hooks);
  }
  options.handler = watch('handler', options.handler);
}

function watch(kind: string, original: unknown): unknown {
  try {
    if (typeof original !== 'function' || OWN in original || isRefused(kind, original)) {
      return original;
    }
    if (kind !== 'handler' && !(HOOKS as readonly string[]).includes(kind)) return original;
    return markOwn(watched(kind, original as AnyFunction));
  } catch (error) {
    tellHookFailure('fastify', error);
    return original;
  }
}

/** Fastify refuses async hooks that also take `done`, by their class, which a replacement does not have. */
function isRefused(kind: string, hook: object): boolean {
  const { length } = hook as { length: number };
  const withDone = WITH_PAYLOAD.includes(kind) ? 4 : 3;
  return kind !== 'handler' && hook.constructor.name === 'AsyncFunction' && length === withDone;
}

function watched(kind: string, original: AnyFunction): AnyFunction {
  const step = describeStep(kind, original.name === '' ? 'anonymous' : original.name);
  function call(this: unknown, request: unknown): unknown {
    const entry = entryOf((request as Request).raw);
    if (entry !== undefined) {
      // The instance says its plugin's name slowly, so it is asked once.
      if (step.owner === '') step.owner = pluginName(this);
      enterStep(entry, step);
    }
    // biome-ignore lint/complexity/noArguments: only passed on, they make no array.
    return Reflect.apply(original, this as never, arguments as never);
  }
  return likeOriginal(call, original) as AnyFunction;
}

function pluginName(instance: unknown): string {
  try {
    const name = (instance as { pluginName?: unknown } | undefined)?.pluginName;
    return typeof name === 'string' ? name : 'fastify';
  } catch {
    return 'fastify';
  }
}
