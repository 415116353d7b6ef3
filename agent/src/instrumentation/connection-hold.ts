// Who holds a pooled connection, since when, and how much of that time went into statements.

import { ATTR } from '../otlp/names.js';
import { now } from '../trace/clock.js';
import { type Linked, LinkedSet } from '../trace/linked-set.js';
import type { EntrySpan, Span } from '../trace/span.js';

const HOLD = Symbol('venturi.hold');
/** A wait longer than so many holds is told by the latest of them. */
const ENDED_MAX = 64;
/** What holds a connection outside of any request: a timer, a job, the program's start. */
const NO_REQUEST = '(no request)';
const NO_NAME: Name = { method: '', route: '', path: '' };

/** A connection out of its pool. Times on the monotonic clock. */
export class Hold implements Linked<Hold> {
  declare readonly holder: Span | undefined;
  declare readonly sinceMs: number;
  /** 0 while it is held. */
  declare releasedMs: number;
  /** Spent in statements that have ended. */
  declare statementMs: number;
  /** When the running statement was sent, 0 where none runs. */
  declare sentMs: number;
  declare older: Hold | undefined;
  declare newer: Hold | undefined;
  declare isLinked: boolean;

  constructor(holder: Span | undefined, sinceMs: number) {
    this.holder = holder;
    this.sinceMs = sinceMs;
    this.releasedMs = 0;
    this.statementMs = 0;
    this.sentMs = 0;
    this.older = undefined;
    this.newer = undefined;
    this.isLinked = false;
  }
}

/** A hold that has ended, without its request: that would outlive many a garbage collection here. */
interface Ended extends Name {
  sinceMs: number;
  releasedMs: number;
  statementMs: number;
}

/** What a holder is called by. */
interface Name {
  /** '' where it is no request. */
  method: string;
  route: string;
  /** Where no route is known. */
  path: string;
}

interface Client {
  [HOLD]?: Hold | undefined;
}

/** Whoever kept the connections for most of a wait. */
export interface Keeper {
  /** `GET /orders/:id`, the path itself where no route is known, or `(no request)`. */
  name: string;
  /** Part of its holding time (0 to 1) in which it ran no statement. */
  idleShare: number;
}

/** The connection's present hold. */
export function holdOf(client: object): Hold | undefined {
  return (client as Client)[HOLD];
}

/** The holds of one pool: those that last, and the latest of those that have ended. */
export class Holds {
  readonly #lasting = new LinkedSet<Hold>();
  /** A ring, in the order of their ends. */
  readonly #ended: Ended[] = [];
  #next = 0;

  /** Notes that `client` has left the pool, at `sinceMs` on the monotonic clock. */
  begin(client: object, holder: Span | undefined, sinceMs: number): void {
    const hold = new Hold(holder, sinceMs);
    (client as Client)[HOLD] = hold;
    this.#lasting.add(hold);
  }

  /** Notes that `client` is back. @returns the hold that has ended */
  end(client: object): Hold | undefined {
    const hold = holdOf(client);
    if (hold === undefined) return undefined;
    (client as Client)[HOLD] = undefined;
    hold.releasedMs = now();
    this.#lasting.delete(hold);
    this.#note(hold);
    this.#next = (this.#next + 1) % ENDED_MAX;
    return hold;
  }

  /** Writes over the oldest one, which costs no allocation. */
  #note({ holder, sinceMs, releasedMs, statementMs }: Hold): void {
    const { method, route, path } = nameOf(holder?.entry);
    const ended = this.#ended[this.#next];
    if (ended === undefined) {
      this.#ended[this.#next] = { method, route, path, sinceMs, releasedMs, statementMs };
      return;
    }
    ended.method = method;
    ended.route = route;
    ended.path = path;
    ended.sinceMs = sinceMs;
    ended.releasedMs = releasedMs;
    ended.statementMs = statementMs;
  }

  /** Whoever has had the connections longest since `startMs`, counted by name. */
  keeperSince(startMs: number): Keeper | undefined {
    const endMs = now();
    const all: Kept[] = [];
    for (let i = 1; i <= this.#ended.length; i++) {
      const ended = this.#ended[(this.#next - i + ENDED_MAX) % ENDED_MAX] as Ended;
      if (ended.releasedMs <= startMs) break;
      add(all, ended, { ...ended, startMs, endMs: ended.releasedMs });
    }
    for (const hold of this.#lasting) {
      const { sinceMs, statementMs, sentMs } = hold;
      const runningMs = sentMs === 0 ? 0 : endMs - sentMs;
      const name = nameOf(hold.holder?.entry);
      add(all, name, { sinceMs, statementMs: statementMs + runningMs, startMs, endMs });
    }
    let longest: Kept | undefined;
    for (const kept of all) {
      if (longest === undefined || kept.sinceMs > longest.sinceMs) longest = kept;
    }
    if (longest === undefined) return undefined;
    const busyShare = longest.heldMs > 0 ? longest.statementMs / longest.heldMs : 1;
    return { name: nameText(longest.name), idleShare: Math.max(0, 1 - busyShare) };
  }
}

/** Sums over the holds of one name. */
interface Kept {
  name: Name;
  /** Held since the wait began. */
  sinceMs: number;
  /** Held in all, and of that in statements. */
  heldMs: number;
  statementMs: number;
}

/** What one hold counts for during a wait. */
interface Share {
  sinceMs: number;
  statementMs: number;
  /** Of the wait, and of the hold within it. */
  startMs: number;
  endMs: number;
}

/** A pool is used by few names at a time, so a list is searched faster than a map is filled. */
function add(all: Kept[], name: Name, { sinceMs, statementMs, startMs, endMs }: Share): void {
  let kept = all.find((other) => isSameName(other.name, name));
  if (kept === undefined) {
    kept = { name, sinceMs: 0, heldMs: 0, statementMs: 0 };
    all.push(kept);
  }
  kept.sinceMs += endMs - Math.max(startMs, sinceMs);
  kept.heldMs += endMs - sinceMs;
  kept.statementMs += statementMs;
}

function isSameName(one: Name, other: Name): boolean {
  return one.method === other.method && one.route === other.route && one.path === other.path;
}

function nameOf(entry: EntrySpan | undefined): Name {
  if (entry === undefined || entry.method === '') return NO_NAME;
  const { method, route } = entry;
  return { method, route, path: route === '' ? pathOf(entry) : '' };
}

function nameText({ method, route, path }: Name): string {
  return method === '' ? NO_REQUEST : `${method} ${route || path}`;
}

function pathOf(entry: EntrySpan): string {
  return String(entry.attributes?.get(ATTR.urlPath) ?? '');
}
