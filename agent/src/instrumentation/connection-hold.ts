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
  readonly #ended: Hold[] = [];

  /** Notes that `client` has left the pool. */
  begin(client: object, holder: Span | undefined): void {
    const hold: Hold = {
      holder,
      sinceMs: now(),
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
    this.#ended.push(hold);
    if (this.#ended.length > ENDED_MAX) this.#ended.shift();
    return hold;
  }

  /** Whoever has had the connections longest since `startMs`, counted by name. */
  keeperSince(startMs: number): Keeper | undefined {
    const endMs = now();
    const byName = new Map<string, Kept>();
    for (const hold of this.#ended) if (hold.releasedMs > startMs) add(byName, hold, startMs);
    for (const hold of this.#lasting) add(byName, { ...hold, releasedMs: endMs }, startMs);
    const [name, longest] = [...byName].sort((a, b) => b[1].sinceMs - a[1].sinceMs)[0] ?? [];
    if (name === undefined || longest === undefined) return undefined;
    const busyShare = longest.heldMs > 0 ? longest.statementMs / longest.heldMs : 1;
    return { name, idleShare: Math.max(0, 1 - busyShare) };
  }
}

/** Sums over the holds of one name. */
interface Kept {
  /** Held since the wait began. */
  sinceMs: number;
  /** Held in all, and of that in statements. */
  heldMs: number;
  statementMs: number;
}

function add(byName: Map<string, Kept>, hold: Hold, startMs: number): void {
  const name = nameOf(hold.holder?.entry);
  const sum = byName.get(name) ?? { sinceMs: 0, heldMs: 0, statementMs: 0 };
  const { releasedMs, sentMs } = hold;
  sum.sinceMs += releasedMs - Math.max(startMs, hold.sinceMs);
  sum.heldMs += releasedMs - hold.sinceMs;
  sum.statementMs += hold.statementMs + (sentMs === 0 ? 0 : releasedMs - sentMs);
  byName.set(name, sum);
}

function nameOf(entry: EntrySpan | undefined): string {
  if (entry === undefined || entry.method === '') return NO_REQUEST;
  return `${entry.method} ${entry.route || pathOf(entry)}`;
}

function pathOf(entry: EntrySpan): string {
  const at = entry.attributes.indexOf(ATTR.urlPath);
  return at === -1 ? '' : String(entry.attributes[at + 1]);
}
