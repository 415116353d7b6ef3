// What tests of outgoing calls have in common: finding their spans, and adding up their parts.

import assert from 'node:assert/strict';
import { type FakeCollector, waitUntil } from './fake-collector.js';
import type { DecodedSpan } from './otlp-proto.js';

const SERVER = 2;
const CLIENT = 3;
/** Each part is rounded to a microsecond, and so is the span. */
const TOLERANCE_MS = 0.02;
const ATTEMPTS_MAX = 5;

/** The attributes of the parts, in the order in which they happen. */
const PARTS = [
  'venturi.socket_wait_ms',
  'venturi.dns_ms',
  'venturi.connect_ms',
  'venturi.tls_ms',
  'venturi.send_ms',
  'venturi.ttfb_ms',
  'venturi.body_ms',
] as const;

/** Waits for the request to `path` and its `count` outgoing calls, and returns these in the order of their starts. */
export async function callsOf(
  collector: FakeCollector,
  path: string,
  count: number,
): Promise<DecodedSpan[]> {
  const entryOf = (): DecodedSpan | undefined =>
    collector.spans.find(
      ({ kind, attributes }) => kind === SERVER && attributes['url.path'] === path,
    );
  const find = (): DecodedSpan[] => {
    const entry = entryOf();
    return collector.spans
      .filter(({ kind, parentSpanId }) => kind === CLIENT && parentSpanId === entry?.spanId)
      .sort((a, b) => Number(a.startNano - b.startNano) || (a.spanId < b.spanId ? -1 : 1));
  };
  await waitUntil(
    () => entryOf() !== undefined && find().length >= count,
    () => `${find().length} calls of ${path} among ${collector.spans.length} spans`,
  );
  assert.equal(find().length, count);
  return find();
}

/** The parts lie end to end: together they are as long as the span. */
export function assertParts({ attributes, startNano, endNano }: DecodedSpan): void {
  const durationMs = Number(endNano - startNano) / 1e6;
  const sumMs = PARTS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
  const parts = JSON.stringify(attributes);
  assert.ok(Math.abs(sumMs - durationMs) < TOLERANCE_MS, `${sumMs} of ${durationMs} ms: ${parts}`);
}

/**
 * The delay of a scenario must be in the parts `slow` and in no other. A busy machine makes any part slower now and
 * then, never faster: so the delay must be there each time, and the others must be without it once in a few times.
 */
export async function assertSlowParts(
  slow: readonly string[],
  delayMs: number,
  call: () => Promise<DecodedSpan>,
): Promise<DecodedSpan> {
  for (let attempt = 1; ; attempt++) {
    const span = await call();
    assertParts(span);
    const ms = (name: string): number => Number(span.attributes[name] ?? 0);
    for (const name of slow) assert.ok(ms(name) > delayMs * 0.75, `${name} ${ms(name)}`);
    const others = PARTS.filter((name) => !slow.includes(name) && ms(name) > delayMs * 0.75);
    if (others.length === 0) return span;
    if (attempt === ATTEMPTS_MAX) assert.fail(`${others.map((name) => `${name} ${ms(name)}`)}`);
  }
}
