// Picks the spans of one request out of those that a collector has received.

import assert from 'node:assert/strict';
import { type FakeCollector, waitUntil } from './fake-collector.js';
import type { DecodedSpan } from './otlp-proto.js';

const SERVER = 2;

/** A request as it was recorded: its entry span and those below it, all of which must be its children. */
export interface RequestSpans {
  entry: DecodedSpan;
  spans: DecodedSpan[];
}

/** Waits for the first request of `path`. */
export async function spansOf(collector: FakeCollector, path: string): Promise<RequestSpans> {
  const isEntry = (span: DecodedSpan): boolean =>
    span.kind === SERVER && span.attributes['url.path'] === path;
  await waitUntil(
    () => collector.spans.some(isEntry),
    () => `no entry of ${path}`,
  );
  const entry = collector.spans.find(isEntry) as DecodedSpan;
  const spans = collector.spans.filter(
    ({ traceId, spanId }) => traceId === entry.traceId && spanId !== entry.spanId,
  );
  for (const span of spans) assert.equal(span.parentSpanId, entry.spanId, span.name);
  return { entry, spans };
}

/** The one span among `spans` whose statement matches. */
export function statement(spans: readonly DecodedSpan[], text: RegExp): DecodedSpan {
  const found = spans.filter((span) => text.test(String(span.attributes['db.query.text'])));
  const all = spans.map(({ attributes }) => attributes['db.query.text']);
  assert.equal(found.length, 1, `${text} among ${all.join(', ')}`);
  return found[0] as DecodedSpan;
}
