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

/** A connection out of its pool. Times on the monotonic clock. */
export interface Hold extends Linked<Hold> {
  holder: Span | undefined;
  sinceMs: number;
  /** 0 while it is held. */
  releasedMs: number;
  /** Spent in statements that have ended. */
  statementMs: number;
  /** When the running statement was sent, 0 where none runs. */
  sentMs: number;
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
  readonly #ended: Hold[] = [];
  #next = 0;

  /** Notes that `client` has left the pool, at `sinceMs` on the monotonic clock. */
  begin(client: object, holder: Span | undefined, sinceMs: number): void {
    const hold: Hold = {
      holder,
      sinceMs,
      releasedMs: 0,
      statementMs: 0,
      sentMs: 0,
      older: undefined,
      newer: undefined,
      isLinked: false,
    };
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
    this.#ended[this.#next] = hold;
    this.#next = (this.#next + 1) % ENDED_MAX;
    return hold;
  }

  /** Whoever has had the connections longest since `startMs`, counted by name. */
  keeperSince(startMs: number): Keeper | undefined {
    const endMs = now();
    const all: Kept[] = [];
    for (let i = 1; i <= this.#ended.length; i++) {
      const hold = this.#ended[(this.#next - i + ENDED_MAX) % ENDED_MAX] as Hold;
      if (hold.releasedMs <= startMs) break;
      add(all, hold, { startMs, endMs: hold.releasedMs });
    }
    for (const hold of this.#lasting) add(all, hold, { startMs, endMs });
    let longest: Kept | undefined;
    for (const kept of all) {
      if (longest === undefined || kept.sinceMs > longest.sinceMs) longest = kept;
    }
    if (longest === undefined) return undefined;
    const busyShare = longest.heldMs > 0 ? longest.statementMs / longest.heldMs : 1;
    return { name: nameOf(longest.entry), idleShare: Math.max(0, 1 - busyShare) };
  }
}

/** Sums over the holds of one name. */
interface Kept {
  /** One of those that have the name. */
  entry: EntrySpan | undefined;
  /** Held since the wait began. */
  sinceMs: number;
  /** Held in all, and of that in statements. */
  heldMs: number;
  statementMs: number;
}

/** A pool is used by few names at a time, so a list is searched faster than a map is filled. */
function add(all: Kept[], hold: Hold, wait: { startMs: number; endMs: number }): void {
  const entry = hold.holder?.entry;
  let kept = all.find((other) => isSameName(other.entry, entry));
  if (kept === undefined) {
    kept = { entry, sinceMs: 0, heldMs: 0, statementMs: 0 };
    all.push(kept);
  }
  const { sinceMs, sentMs, statementMs } = hold;
  kept.sinceMs += wait.endMs - Math.max(wait.startMs, sinceMs);
  kept.heldMs += wait.endMs - sinceMs;
  kept.statementMs += statementMs + (sentMs === 0 ? 0 : wait.endMs - sentMs);
}

function isSameName(one: EntrySpan | undefined, other: EntrySpan | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  if (one.method !== other.method || one.route !== other.route) return false;
  return one.route !== '' || nameOf(one) === nameOf(other);
}

function nameOf(entry: EntrySpan | undefined): string {
  if (entry === undefined || entry.method === '') return NO_REQUEST;
  return `${entry.method} ${entry.route || pathOf(entry)}`;
}

function pathOf(entry: EntrySpan): string {
  const at = entry.attributes.indexOf(ATTR.urlPath);
  return at === -1 ? '' : String(entry.attributes[at + 1]);
}
