// Says for how much of a stall each look into it stands.

import type { Gap } from './gap.js';
import type { WeighedSample } from './segments.js';

/**
 * The time between two samples belongs half to each, for nobody knows when the one function gave way to the other;
 * but what an answer was late belongs to the later one, since a native call of it kept V8 from answering. The first
 * sample also stands for the time before it and the last for what is left. Starvation is left out.
 * @param startMs when the stall began, on the monotonic clock
 */
export function weigh(gap: Gap, startMs: number): WeighedSample[] {
  const samples = gap.samples.map((sample) => ({ ...sample, weightMs: 0 }));
  let before: WeighedSample | undefined;
  let last = { atMs: startMs, queuedMs: gap.queuedBeforeMs };
  for (const sample of samples) {
    const ranMs = Math.max(0, sample.atMs - last.atMs - (sample.queuedMs - last.queuedMs));
    const sharedMs = before === undefined ? 0 : Math.max(0, ranMs - sample.lateMs) / 2;
    if (before !== undefined) before.weightMs += sharedMs;
    sample.weightMs += ranMs - sharedMs;
    before = sample;
    last = sample;
  }
  if (before !== undefined) {
    const queuedMs = gap.queuedBeforeMs + gap.queuedMs - before.queuedMs;
    before.weightMs += Math.max(0, startMs + gap.busyMs - before.atMs - queuedMs);
  }
  return samples;
}
