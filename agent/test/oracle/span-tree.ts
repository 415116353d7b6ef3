// The spans of a request as a tree without ids and times, so that two of them can be compared.

import type { DecodedSpan } from '../support/otlp-proto.js';

/** A span with what is inside it, in an order that does not depend on clocks. */
export interface SpanTree {
  name: string;
  kind: number;
  status: string;
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  children: SpanTree[];
}

const SERVER = 2;
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];

/** The tree under `root`. */
export function treeOf(root: DecodedSpan, spans: readonly DecodedSpan[]): SpanTree {
  const children = spans
    .filter(({ traceId, parentSpanId }) => traceId === root.traceId && parentSpanId === root.spanId)
    .map((child) => treeOf(child, spans));
  const { code, message } = root.status;
  return {
    name: root.name,
    kind: root.kind,
    status: message === '' ? (STATUSES[code] as string) : `${STATUSES[code]}: ${message}`,
    attributes: withoutInstance(root),
    events: root.events.map(({ name, attributes }) => ({
      name,
      attributes: firstFrame(attributes),
    })),
    children,
  };
}

/** The port of the service itself is another under each engine. */
function withoutInstance({ kind, attributes }: DecodedSpan): Record<string, unknown> {
  return kind === SERVER
    ? { ...attributes, 'server.port': typeof attributes['server.port'] }
    : attributes;
}

/** The message and the frame that threw: further out are those of the engines. */
function firstFrame(attributes: Record<string, unknown>): Record<string, unknown> {
  const stack = attributes['exception.stacktrace'];
  if (typeof stack !== 'string') return attributes;
  return { ...attributes, 'exception.stacktrace': stack.split('\n').slice(0, 2).join('\n') };
}

/** One line a fact, indented by depth. */
export function describe(tree: SpanTree, depth = 0): string[] {
  const indent = '  '.repeat(depth);
  const facts = [
    `${indent}${KINDS[tree.kind]} ${tree.name} (${tree.status})`,
    ...list(tree.attributes).map((fact) => `${indent}  - ${fact}`),
    ...tree.events.flatMap(({ name, attributes }) => [
      `${indent}  ! ${name}`,
      ...list(attributes).map((fact) => `${indent}    - ${fact}`),
    ]),
  ];
  const children = tree.children.map((child) => describe(child, depth + 1));
  return [...facts, ...children.sort((a, b) => (a.join() < b.join() ? -1 : 1)).flat()];
}

function list(attributes: Record<string, unknown>): string[] {
  return Object.keys(attributes)
    .sort()
    .map((name) => `${name}: ${JSON.stringify(attributes[name])}`);
}
