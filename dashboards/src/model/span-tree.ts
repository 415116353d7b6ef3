// The spans of a trace as a tree in the order in which they are drawn.
import type { Frame } from './frame.js';

export interface KeyValue {
  key: string;
  value: string;
}

export interface SpanEvent {
  name: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  fields: KeyValue[];
}

/** One span in the shape of Grafana's traces panel; times in milliseconds since the epoch. */
export interface Span {
  spanID: string;
  parentSpanID: string;
  serviceName: string;
  operationName: string;
  startTime: number;
  duration: number;
  kind: string;
  statusCode: number;
  statusMessage: string;
  tags: KeyValue[];
  serviceTags: KeyValue[];
  logs: SpanEvent[];
}

export interface PlacedSpan {
  span: Span;
  depth: number;
}

/** Spans depth first, siblings by their start; a span whose parent is absent is a root. */
export function placeSpans(spans: Span[]): PlacedSpan[] {
  const byId = new Map(spans.map((span) => [span.spanID, span]));
  const children = new Map<string, Span[]>();
  const roots: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.startTime - b.startTime)) {
    const parent = byId.get(span.parentSpanID);
    if (parent === undefined || parent === span) {
      roots.push(span);
      continue;
    }
    const siblings = children.get(parent.spanID);
    if (siblings) siblings.push(span);
    else children.set(parent.spanID, [span]);
  }
  const placed: PlacedSpan[] = [];
  // A stack and not recursion: a trace may be thousands of spans deep.
  const open = roots.reverse().map((span): PlacedSpan => ({ span, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    placed.push(next);
    const below = children.get(next.span.spanID) ?? [];
    children.delete(next.span.spanID);
    for (const span of below.reverse()) open.push({ span, depth: next.depth + 1 });
  }
  return placed;
}

/** Reads spans from the columns of a traces query; rows without a span id are left out. */
export function spansOf(frame: Frame): Span[] {
  const column = new Map(frame.fields.map((field) => [field.name, field.values]));
  const text = (name: string, row: number) => String(column.get(name)?.[row] ?? '');
  const list = <T>(name: string, row: number) => (column.get(name)?.[row] ?? []) as T[];
  return Array.from({ length: frame.length }, (_, row) => ({
    spanID: text('spanID', row),
    parentSpanID: text('parentSpanID', row),
    serviceName: text('serviceName', row),
    operationName: text('operationName', row),
    startTime: Number(text('startTime', row)),
    duration: Number(text('duration', row)),
    kind: text('kind', row),
    statusCode: Number(text('statusCode', row)),
    statusMessage: text('statusMessage', row),
    tags: list<KeyValue>('tags', row),
    serviceTags: list<KeyValue>('serviceTags', row),
    logs: list<SpanEvent>('logs', row),
  })).filter((span) => span.spanID !== '');
}
