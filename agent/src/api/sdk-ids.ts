// Ids for spans of OpenTelemetry's SDK in the form of the agent's own, by which all that one request did in this process
// is found: a prefix that its spans share, and a sequence.

import type { Context, ContextManager, SpanContext, Span as SpanOfApi } from '@opentelemetry/api';
import { newPrefix, newTraceId, spanIdHex } from '../trace/ids.js';
import { SPAN_KEY } from './context-keys.js';
import { GlobalApi } from './global-api.js';

const PREFIX_DIGITS = 12;
const SEQUENCE_MAX = 0xffff;
/** Requests at the same time; of more, and of those that were never sampled, the oldest are forgotten. */
const ROOTS_MAX = 10_000;

/** The last sequence of each request that goes on, by prefix. */
const sequences = new Map<string, number>();

/** What the SDK calls an id generator. */
export const sdkIds = {
  generateTraceId: (): string => newTraceId().hex,
  generateSpanId(): string {
    const parent = activeSpanContext();
    if (parent !== undefined && parent.isRemote !== true) {
      const prefix = parent.spanId.slice(0, PREFIX_DIGITS);
      const sequence = (sequences.get(prefix) ?? SEQUENCE_MAX) + 1;
      if (sequence <= SEQUENCE_MAX) {
        sequences.set(prefix, sequence);
        return prefix + sequence.toString(16).padStart(4, '0');
      }
    }
    return newRoot();
  },
};

/** Forgets a request when the first of its spans has ended. What is started later stands for itself. */
export function spanEnded(spanId: string): void {
  if (spanId.endsWith('0001')) sequences.delete(spanId.slice(0, PREFIX_DIGITS));
}

function newRoot(): string {
  const id = spanIdHex(newPrefix(), 1);
  if (sequences.size >= ROOTS_MAX) sequences.delete(sequences.keys().next().value as string);
  sequences.set(id.slice(0, PREFIX_DIGITS), 1);
  return id;
}

/** The SDK does not say under which span it starts one; that is nearly always the active one. */
function activeSpanContext(): SpanContext | undefined {
  const manager = GlobalApi.existing?.context as ContextManager | undefined;
  const active: Context | undefined = manager?.active();
  return (active?.getValue(SPAN_KEY) as SpanOfApi | undefined)?.spanContext();
}
