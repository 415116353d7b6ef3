// Cuts a long silence of the loop into stalls: several requests may have blocked it one after the other.

import type { EntrySpan } from '../trace/span.js';
import type { StallSample } from './probe.js';

/** A part of a silence that one request filled, or that none did. */
export interface Segment {
  startMs: number;
  endMs: number;
  samples: WeighedSample[];
}

/** A sample, and the time it stands for. */
export interface WeighedSample extends StallSample {
  weightMs: number;
}

/** A silence and what was seen in it. */
export interface Silence {
  startMs: number;
  endMs: number;
  samples: readonly WeighedSample[];
}

/**
 * Cuts where the samples change from one request to the next: at the moment when the next request began, where that
 * was in between, since a handler often starts its request's span itself; else halfway. Parts shorter than
 * `shortestMs` stay with their neighbour, so a busy tick of many small requests is one stall.
 * @returns at least one segment; together they are as long as the silence
 */
export function cut(silence: Silence, shortestMs: number): Segment[] {
  const segments: Segment[] = [];
  let open = openSegment(silence.startMs);
  let previous: StallSample | undefined;
  for (const sample of silence.samples) {
    if (previous !== undefined && entryOf(sample) !== entryOf(previous)) {
      const atMs = boundaryMs(previous, sample);
      if (atMs - open.startMs >= shortestMs) {
        segments.push({ ...open, endMs: atMs });
        open = openSegment(atMs);
      }
    }
    open.samples.push(sample);
    previous = sample;
  }
  open.endMs = silence.endMs;
  const last = segments.at(-1);
  if (last === undefined || open.endMs - open.startMs >= shortestMs) return [...segments, open];
  last.samples.push(...open.samples);
  last.endMs = open.endMs;
  return segments;
}

/** The request of a sample. */
export function entryOf(sample: StallSample): EntrySpan | undefined {
  return sample.span?.entry;
}

function boundaryMs(before: StallSample, after: StallSample): number {
  const begunMs = entryOf(after)?.startMs ?? 0;
  if (begunMs > before.atMs && begunMs <= after.atMs) return begunMs;
  return (before.atMs + after.atMs) / 2;
}

function openSegment(startMs: number): Segment {
  return { startMs, endMs: startMs, samples: [] };
}
