// The fields by which a line of a log is found from its trace, named as OpenTelemetry's instrumentations name them.

import { storage } from '../context/store.js';
import type { TraceId } from '../otlp/trace-id.js';
import { byteHex, spanIdHex } from '../trace/ids.js';

/** Hex digits. */
export interface TraceFields {
  readonly trace_id: string;
  readonly span_id: string;
  readonly trace_flags: string;
}

/** A span, of this process or of another. */
interface Place {
  readonly traceId: TraceId;
  readonly prefix: number;
  readonly sequence: number;
}

/** Of the latest line; the span itself is not kept, because it would keep its request. */
let latest: Place & { flags: number; fields: TraceFields } = {
  traceId: new Uint8Array(0) as never,
  prefix: 0,
  sequence: 0,
  flags: 0,
  fields: { trace_id: '', span_id: '', trace_flags: '' },
};

/** Those of the running code; undefined outside of every trace. The same object as long as the span is the same. */
export function traceFields(): TraceFields | undefined {
  const context = storage.getStore();
  if (context === undefined) return undefined;
  const { span } = context;
  if (span !== undefined) return fieldsOf(span, span.traceFlags);
  const { remote } = context;
  return remote === undefined ? undefined : fieldsOf(remote, remote.flags);
}

function fieldsOf(place: Place, flags: number): TraceFields {
  const { traceId, prefix, sequence } = place;
  if (
    latest.prefix !== prefix ||
    latest.sequence !== sequence ||
    latest.traceId !== traceId ||
    latest.flags !== flags
  ) {
    const fields = {
      trace_id: traceId.hex,
      span_id: spanIdHex(prefix, sequence),
      trace_flags: byteHex(flags),
    };
    latest = { traceId, prefix, sequence, flags, fields };
  }
  return latest.fields;
}
