// The call of an application behind a request of undici: a pool makes the request late, a retry makes another.

import { activeContext } from '../context/store.js';
import { loopIdleMs, now } from '../trace/clock.js';
import type { ActiveContext } from '../trace/span.js';
import type { OutgoingCall } from './outgoing.js';
import type { Resend } from './redirects.js';

/** Handlers that dispatch again on their own. */
const RESENDERS: ReadonlySet<string> = new Set(['RetryHandler', 'RedirectHandler']);
const HANDLERS_DEEP_MAX = 8;
const ATTEMPTS = Symbol('venturi.attempts');

/** What the attempts of one call share. A handler that resends belongs to one call alone. */
class Attempts {
  readonly context = activeContext();
  /** Undefined until the first attempt has its request. */
  next: Resend | undefined = undefined;
}

interface Handler {
  handler?: unknown;
  [ATTEMPTS]?: Attempts;
}

/** One `dispatch`, from the outermost dispatcher (an agent) to the innermost (a client). */
export class Dispatch {
  /** What its caller runs in. */
  readonly context: ActiveContext | undefined;
  readonly #attempts: Attempts | undefined;
  /** Since when it stands in a pool's queue; undefined where it was sent at once. */
  queued: { startMs: number; idleStartMs: number } | undefined;
  isSent = false;
  /** What the innermost dispatcher so far was given, and that dispatcher. */
  options: object | undefined;
  dispatcher: unknown;

  constructor(handler: unknown) {
    this.#attempts = attemptsOf(handler);
    this.context = this.#attempts === undefined ? activeContext() : this.#attempts.context;
  }

  /** The attempt that this one repeats. */
  get resend(): Resend | undefined {
    return this.#attempts?.next;
  }

  /** Its request is `call`. */
  sent(call: OutgoingCall): void {
    if (this.#attempts !== undefined) this.#attempts.next = call.nextResend();
  }

  /** Nobody has made a request of it yet. */
  enqueue(): void {
    this.queued = { startMs: now(), idleStartMs: loopIdleMs() };
  }
}

let current: Dispatch | undefined;

/** The dispatch that runs. */
export function currentDispatch(): Dispatch | undefined {
  return current;
}

/** Makes `dispatch` the one that runs. @returns the one before */
export function enterDispatch(dispatch: Dispatch | undefined): void {
  current = dispatch;
}

/** The dispatch that the request belongs to which has just been made, given once. */
export function takeDispatch(): Dispatch | undefined {
  if (current === undefined || current.isSent) return undefined;
  current.isSent = true;
  return current;
}

/** The attempts of the call that a handler serves; undefined where nothing in it resends. */
function attemptsOf(outermost: unknown): Attempts | undefined {
  let found: Attempts | undefined;
  let handler = outermost as Handler | null | undefined;
  for (let i = 0; i < HANDLERS_DEEP_MAX && isObject(handler); i++) {
    if (RESENDERS.has(handler.constructor?.name)) {
      found = handler[ATTEMPTS] ?? found ?? new Attempts();
      mark(handler, found);
    }
    handler = handler.handler as Handler | undefined;
  }
  return found;
}

function mark(handler: Handler, attempts: Attempts): void {
  if (handler[ATTEMPTS] !== undefined) return;
  Object.defineProperty(handler, ATTEMPTS, { value: attempts });
}

function isObject(value: unknown): value is Handler {
  return typeof value === 'object' && value !== null;
}
