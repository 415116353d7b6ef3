// What one span carries: its attributes, its events, its resource.
import type { KeyValue, Span, SpanEvent } from '../../src/model/span-tree.js';
import { clockTime, formatNumber } from '../../src/model/units.js';
import { el } from './element.js';

/** The part that opens below a span's line. */
export function spanDetails(span: Span): HTMLElement {
  const facts: KeyValue[] = [
    { key: 'start', value: clockTime(span.startTime) },
    { key: 'duration', value: formatNumber(span.duration, 'ms') },
    { key: 'kind', value: span.kind },
    { key: 'span id', value: span.spanID },
  ];
  if (span.statusMessage !== '') facts.push({ key: 'status', value: span.statusMessage });
  return el(
    'div',
    { class: 'details' },
    group('Span', [...facts, ...span.tags]),
    ...span.logs.map(event),
    group('Resource', span.serviceTags),
  );
}

function event({ name, timestamp, fields }: SpanEvent): HTMLElement {
  return group(`Event: ${name} at ${clockTime(timestamp)}`, fields);
}

function group(title: string, pairs: KeyValue[]): HTMLElement {
  const rows = pairs
    .filter(({ value }) => value !== '')
    .map(({ key, value }) => el('div', {}, el('dt', {}, key), el('dd', {}, value)));
  return el(
    'section',
    { attrs: { hidden: rows.length === 0 } },
    el('h3', {}, title),
    el('dl', {}, ...rows),
  );
}
