// Sends a stall as the span `event loop blocked`, under the request that ran it.

import { ATTR, SPAN_NAME, SpanKind } from '../otlp/names.js';
import { ChildSpan } from '../trace/child-span.js';
import { overlapGcMs } from '../trace/pauses.js';
import { commitSpan } from '../trace/segment.js';
import { setMs } from '../trace/set-ms.js';
import { EntrySpan, type Span } from '../trace/span.js';
import type { SpanStart } from '../trace/span-start.js';
import { type Blame, blame } from './blame.js';
import type { WeighedSample } from './segments.js';
import type { Victims } from './victims.js';

/** Where garbage collection took more of a stall than this, the stall is its doing. */
const GC_SHARE = 0.5;

/** A stall that has ended. Times on the monotonic clock. */
export interface Stall {
  startMs: number;
  endMs: number;
  cpuMs: number;
  samples: readonly WeighedSample[];
  /** The request that ran it. */
  entry: EntrySpan | undefined;
  victims: Victims;
}

/** Is kept, and counts as one, whatever the sampler makes of the request: each stall is told. */
class StallSpan extends ChildSpan {
  constructor(start: SpanStart, entry: EntrySpan) {
    super(start, entry);
    this.traceState = '';
  }

  protected override finish(): void {
    commitSpan(this);
  }
}

/** Starts and ends the span of a stall. The entry's route is read now, so it should have been resolved. */
export function emitStall(stall: Stall): void {
  const start = { name: SPAN_NAME.stall, kind: SpanKind.INTERNAL, startMs: stall.startMs };
  const { entry } = stall;
  const span = entry === undefined ? new EntrySpan(start, undefined) : new StallSpan(start, entry);
  const gcMs = overlapGcMs(stall.startMs, stall.endMs);
  const isGc = gcMs > GC_SHARE * (stall.endMs - stall.startMs);
  span.setAttribute(ATTR.stallKind, isGc ? 'gc' : 'js');
  setBlame(span, blame(stall.samples));
  if (entry !== undefined) {
    if (entry.route !== '') span.setAttribute(ATTR.httpRoute, entry.route);
    if (entry.method !== '') span.setAttribute(ATTR.httpRequestMethod, entry.method);
    // A root works this out for itself.
    setMs(span, ATTR.gcMs, gcMs);
  }
  setMs(span, ATTR.stallCpuMs, stall.cpuMs);
  if (stall.samples.length > 0) span.setAttribute(ATTR.stallSamples, stall.samples.length);
  if (stall.victims.count > 0) span.setAttribute(ATTR.stallInflight, stall.victims.count);
  setMs(span, ATTR.stallVictimMs, stall.victims.ms);
  span.end(stall.endMs);
}

function setBlame(span: Span, blamed: Blame | undefined): void {
  if (blamed === undefined) return;
  if (blamed.functionName !== '') span.setAttribute(ATTR.codeFunction, blamed.functionName);
  if (blamed.file !== '') {
    span.setAttribute(ATTR.codeFile, blamed.file);
    span.setAttribute(ATTR.codeLine, blamed.line);
  }
  span.setAttribute(ATTR.codeStack, blamed.stack);
  if (blamed.isNative) span.setAttribute(ATTR.stallNative, true);
}
