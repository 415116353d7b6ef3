// The fields by which a line of a log is found from its trace, named as OpenTelemetry's instrumentations name them.

import { storage } from '../context/store.js';
import type { TraceId } from '../otlp/trace-id.js';
import { spanIdHex } from '../trace/ids.js';

/** Hex digits. */
export interface TraceFields {
  trace_id: string;
  span_id: string;
  trace_flags: string;
}

/** The same, also as the members of a JSON object behind others: `,"trace_id":"…",…`. */
interface WrittenFields extends TraceFields {
  readonly json: string;
}

/** A span, of this process or of another. */
interface Place {
  readonly traceId: TraceId;
  readonly prefix: number;
  readonly sequence: number;
}

/** Of the latest line; the span itself is not kept, because it would keep its request. */
let latest: Place & { flags: number; fields: WrittenFields } = {
  traceId: new Uint8Array(0) as never,
  prefix: 0,
  sequence: 0,
  flags: 0,
  fields: { trace_id: '', span_id: '', trace_flags: '', json: '' },
};

/** Those of the running code; undefined outside of every trace. The same object as long as the span is the same. */
export function traceFields(): WrittenFields | undefined {
  const context = storage.getStore();
  if (context === undefined) return undefined;
  const { span } = context;
  if (span !== undefined) return fieldsOf(span, span.traceFlags);
  const { remote } = context;
  return remote === undefined ? undefined : fieldsOf(remote, remote.flags);
}

function fieldsOf(place: Place, flags: number): WrittenFields {
  const { traceId, prefix, sequence } = place;
  if (
    latest.prefix !== prefix ||
    latest.sequence !== sequence ||
    latest.traceId !== traceId ||
    latest.flags !== flags
  ) {
    const trace = traceId.hex;
    const span = spanIdHex(prefix, sequence);
    const digits = (flags & 0xff).toString(16).padStart(2, '0');
    const json = `,"trace_id":"${trace}","span_id":"${span}","trace_flags":"${digits}"`;
    const fields = { trace_id: trace, span_id: span, trace_flags: digits, json };
    latest = { traceId, prefix, sequence, flags, fields };
  }
  return latest.fields;
}
