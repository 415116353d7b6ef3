// Decides which requests are kept: by the sampler that OTEL_TRACES_SAMPLER names, else by a budget of spans a second.

import { shed } from '../self/shed.js';
import { Budget } from './budget.js';
import { pathTemplate } from './path-template.js';
import { type Judge, Sample } from './sample.js';
import { sampling } from './sampling.js';
import type { EntrySpan } from './span.js';
import {
  randomnessOf,
  THRESHOLD_NEVER,
  thresholdIn,
  thresholdOf,
  withThreshold,
} from './threshold.js';

const TICK_MS = 1000;
const FLAG_SAMPLED = 0x01;
/** For parents that give no threshold. */
const ALWAYS = 0;

/** What the sampler is made from. */
export interface SamplerOptions {
  /** A name that the OpenTelemetry specification gives to OTEL_TRACES_SAMPLER, or '' for the budget. */
  sampler: string;
  /** The share that a ratio keeps, from 0 to 1. */
  ratio: number;
  /** Of the budget; 0 keeps everything. */
  spansPerS: number;
  slowRequestMs: number;
  /** Spans that the process has made since it started, kept or not. */
  spansMade: () => number;
}

/** Keeps what was drawn, whatever comes of the request. */
const asDrawn: Judge = { settle: (sample) => sample.threshold };

/** Starts to decide, where there is anything to decide. Nothing here keeps the process alive. */
export function startSampler(options: SamplerOptions): void {
  const { sampler, spansPerS, slowRequestMs } = options;
  if (sampler !== '') {
    sampling.decide = byName(sampler, options.ratio);
    return;
  }
  if (spansPerS === 0) return;
  const budget = new Budget({ spansPerS, slowRequestMs });
  const decide = byBudget(budget);
  let made = options.spansMade();
  let unshedPerS = spansPerS;
  const tick = (): void => {
    const now = options.spansMade();
    const { spansShare } = shed;
    // What the process made when the governor began is what is shared; more would not be noticed to be less.
    if (spansShare === 1) unshedPerS = Math.min(spansPerS, Math.max(1, now - made));
    budget.spansPerS = spansShare === 1 ? spansPerS : unshedPerS * spansShare;
    budget.tick(now - made);
    made = now;
    sampling.decide = budget.isActive ? decide : undefined;
  };
  setInterval(tick, TICK_MS).unref();
}

function byBudget(budget: Budget): (entry: EntrySpan, path: string) => void {
  return (entry, path) => {
    const randomness = randomnessOf(entry.traceId, entry.traceState);
    if (hasParent(entry)) {
      take(entry, new Sample(budget, { randomness, threshold: ofParent(entry), key: '' }));
    } else take(entry, budget.draw(`${entry.name} ${pathTemplate(path)}`, randomness));
  };
}

function byName(sampler: string, ratio: number): ((entry: EntrySpan) => void) | undefined {
  const threshold = rootThreshold(sampler, ratio);
  const isParentBased = sampler.startsWith('parentbased_');
  // The default of OpenTelemetry's SDKs, which also asks a parent.
  if (sampler === 'always_on') return undefined;
  return (entry) => {
    const isFollowing = isParentBased && hasParent(entry);
    const randomness = randomnessOf(entry.traceId, entry.traceState);
    const drawn = { randomness, threshold: isFollowing ? ofParent(entry) : threshold, key: '' };
    take(entry, new Sample(asDrawn, drawn));
  };
}

function rootThreshold(sampler: string, ratio: number): number {
  if (sampler.endsWith('always_off')) return THRESHOLD_NEVER;
  return sampler.endsWith('traceidratio') ? thresholdOf(ratio) : ALWAYS;
}

function hasParent({ parentPrefix, parentSequence }: EntrySpan): boolean {
  return parentPrefix !== 0 || parentSequence !== 0;
}

/** A caller that has sampled says with what weight, if it knows. */
function ofParent(entry: EntrySpan): number {
  if ((entry.traceFlags & FLAG_SAMPLED) === 0) return THRESHOLD_NEVER;
  const threshold = thresholdIn(entry.traceState) ?? ALWAYS;
  // It has kept the trace, whatever we make of its randomness.
  return Math.min(threshold, randomnessOf(entry.traceId, entry.traceState));
}

function take(entry: EntrySpan, sample: Sample): void {
  entry.sample = sample;
  if (!sample.isSampled) entry.traceFlags &= ~FLAG_SAMPLED;
  else if (sample.threshold > 0) {
    entry.traceState = withThreshold(entry.traceState, sample.threshold);
  }
}
