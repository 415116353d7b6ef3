// Finds stalls among what a fixture has sent, and lines in its source.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecodedSpan } from './otlp-proto.js';

const FIXTURES = join(__dirname, '..', '..', '..', 'test', 'fixtures');
const ENTRY_KIND = 2;

/** The spans of stalls, in the order in which they began. */
export function stallsOf(spans: readonly DecodedSpan[]): DecodedSpan[] {
  const stalls = spans.filter((span) => span.name === 'event loop blocked');
  return stalls.sort((a, b) => Number(a.startNano - b.startNano));
}

/** The entry span of the request for `path`. */
export function entryFor(spans: readonly DecodedSpan[], path: string): DecodedSpan | undefined {
  return spans.find((span) => span.kind === ENTRY_KIND && span.attributes['url.path'] === path);
}

/** Milliseconds from start to end. */
export function durationMs(span: DecodedSpan): number {
  return Number(span.endNano - span.startNano) / 1e6;
}

/** The path of a fixture. */
export function fixturePath(fixture: string): string {
  return join(FIXTURES, fixture);
}

/** The line, from 1, on which a fixture has `text`. */
export function lineOf(fixture: string, text: string): number {
  const lines = readFileSync(fixturePath(fixture), 'utf8').split('\n');
  return lines.findIndex((line) => line.includes(text)) + 1;
}
