// How an intended difference between the two engines is stated, and how it is applied to their spans.

import type { SpanTree } from './span-tree.js';

/** Whose spans. */
export type Side = 'agent' | 'sdk';

/** A span as it may be compared: what stands in its place, which is nothing or its children where it is left out. */
export type Edit = (span: SpanTree, side: Side) => SpanTree[];

/** One row of the table. */
export interface Difference {
  /** Where it occurs: names of the services that are compared. */
  where: readonly string[];
  agent: string;
  sdk: string;
  reason: string;
  /** Takes the difference out of the spans. */
  edits: readonly Edit[];
}

type Test = (span: SpanTree) => boolean;

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;

export const isAny: Test = () => true;
export const isInternal: Test = ({ kind }) => kind === INTERNAL;
export const isEntry: Test = ({ kind }) => kind === SERVER;
export const isClient: Test = ({ kind }) => kind === CLIENT;

/** One side has attributes that the other has not. */
export function attributes(side: Side, which: Test, names: RegExp): Edit {
  return (span, of) => {
    if (of !== side || !which(span)) return [span];
    const kept = Object.entries(span.attributes).filter(([name]) => !names.test(name));
    return [{ ...span, attributes: Object.fromEntries(kept) }];
  };
}

/** Both sides have attributes, with other values. */
export function values(which: Test, names: RegExp): Edit {
  return (span) => {
    if (!which(span)) return [span];
    const shown = Object.entries(span.attributes).map(([name, value]) => [
      name,
      names.test(name) ? '(another value)' : value,
    ]);
    return [{ ...span, attributes: Object.fromEntries(shown) }];
  };
}

/** One side has spans that the other has not; what was inside them is then inside of their parents. */
export function spans(side: Side, which: Test): Edit {
  return (span, of) => (of === side && which(span) ? span.children : [span]);
}

/** Both sides name a span, each in its way. */
export function names(which: Test, name: (span: SpanTree) => string): Edit {
  return (span) => [which(span) ? { ...span, name: name(span) } : span];
}

/** What one side alone says of a failure: its events and the text of its status. */
export function failures(side: Side, which: Test): Edit {
  return (span, of) => {
    if (of !== side || !which(span)) return [span];
    return [{ ...span, events: [], status: span.status.replace(/:.*/s, '') }];
  };
}

/** Both sides have events, with other values. */
export function eventValues(which: Test, attribute: RegExp): Edit {
  return (span) => {
    if (!which(span)) return [span];
    const events = span.events.map((event) => ({
      ...event,
      attributes: Object.fromEntries(
        Object.entries(event.attributes).map(([name, value]) => [
          name,
          attribute.test(name) ? '(another value)' : value,
        ]),
      ),
    }));
    return [{ ...span, events }];
  };
}

/** Applies edits to a whole tree, from the leaves to the root. */
export function edited(tree: SpanTree, side: Side, edits: readonly Edit[]): SpanTree {
  const apply = (span: SpanTree): SpanTree[] => {
    const inside: SpanTree = { ...span, children: span.children.flatMap(apply) };
    return edits.reduce<SpanTree[]>((all, edit) => all.flatMap((one) => edit(one, side)), [inside]);
  };
  const [root] = apply(tree);
  if (root === undefined) throw new Error('an edit must not leave the entry span out');
  return root;
}
