// The functions that a framework calls one after another for a request: one that was slow gets a span, afterwards.

import { ATTR, SpanKind } from '../otlp/names.js';
import { tellHookFailure } from '../self/log.js';
import { Meter, starts } from '../self/meter.js';
import { shed } from '../self/shed.js';
import { now } from '../trace/clock.js';
import type { EntrySpan } from '../trace/span.js';
import type { Step } from '../trace/step.js';
import { startSpan } from '../trace/tracer.js';

const meter = new Meter('steps of frameworks');

/** Set at start. */
export const slowStep = {
  /** What a hook or handler must take to get a span. */
  thresholdMs: 50,
};

/** Describes a function once, when the framework is told of it. */
export function describeStep(kind: string, name: string): Step {
  return { kind, name, owner: '' };
}

/**
 * The request enters `step`, and so has left the one before. Nothing waits for a function to end, which would take a
 * promise or a closure for each: it has ended where the next begins, the body is read or the answer's head is written.
 */
export function enterStep(entry: EntrySpan | undefined, step: Step): void {
  if (entry === undefined || entry.ended || shed.slowSteps) return;
  const sinceMs = starts();
  const nowMs = now();
  if (entry.step !== undefined && nowMs - entry.stepStartMs >= slowStep.thresholdMs) {
    record(entry, entry.step, nowMs);
  }
  entry.step = step;
  entry.stepStartMs = nowMs;
  if (sinceMs !== 0) meter.ends(sinceMs);
}

/** The request leaves the step that it is in, if it is in one. */
export function leaveStep(entry: EntrySpan): void {
  const { step } = entry;
  if (step === undefined) return;
  entry.step = undefined;
  const nowMs = now();
  if (nowMs - entry.stepStartMs >= slowStep.thresholdMs && !entry.ended) record(entry, step, nowMs);
}

/** A child of the entry span: what the function itself started is beside it, since nobody knew yet. */
function record(entry: EntrySpan, step: Step, endMs: number): void {
  try {
    const { kind, name, owner } = step;
    const span = startSpan({
      name: `${kind === 'handler' || kind === 'middleware' ? kind : 'hook'} - ${name}`,
      kind: SpanKind.INTERNAL,
      parent: entry,
      startMs: entry.stepStartMs,
    });
    span.setAttribute(ATTR.stepKind, kind);
    span.setAttribute(ATTR.codeFunction, name);
    if (owner !== '') span.setAttribute(ATTR.stepOwner, owner);
    span.end(endMs);
  } catch (error) {
    tellHookFailure('slow step', error);
  }
}
