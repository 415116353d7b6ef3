// What kind of time a span is: the parts that every page takes a request apart into, with their colours.
import type { Span } from './span-tree.js';

export interface SpanPart {
  name: string;
  /** Name of a colour of the style sheet. */
  color: string;
}

const PARTS = {
  database: { name: 'Database', color: 'blue' },
  outgoing: { name: 'Outgoing HTTP', color: 'purple' },
  pool: { name: 'Pool wait', color: 'orange' },
  blocked: { name: 'Loop blocked', color: 'red' },
  collection: { name: 'Garbage collection', color: 'yellow' },
  other: { name: 'Other', color: 'gray' },
} satisfies Record<string, SpanPart>;

/** Name of the spans in which the agent records that the event loop was blocked. */
const STALL = 'event loop blocked';

/** The part of a span by its kind and attributes; an entry span is what its children leave of it. */
export function partOf({ kind, operationName, tags }: Span): SpanPart {
  const tag = (key: string) => tags.find((one) => one.key === key)?.value;
  if (operationName === STALL) {
    return tag('venturi.stall.kind') === 'gc' ? PARTS.collection : PARTS.blocked;
  }
  if (tag('db.system.name') !== undefined) return kind === 'client' ? PARTS.database : PARTS.pool;
  return kind === 'client' ? PARTS.outgoing : PARTS.other;
}

/** The parts that occur among spans, each once, in the order of every page. */
export function partsIn(spans: Span[]): SpanPart[] {
  const found = new Set(spans.map(partOf));
  return Object.values(PARTS).filter((part) => found.has(part));
}
