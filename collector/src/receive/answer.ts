// The bodies of OTLP answers, as protobuf: what was refused for good, and why a request failed.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response

/** google.rpc.Code, as far as an OTLP receiver says them. */
const rpcCodes: Readonly<Record<number, number>> = {
  400: 3,
  404: 12,
  413: 8,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
};

/** Export*ServiceResponse: 1 partial_success { 1 rejected (int64), 2 error_message }; empty where all is well. */
export function exportResponse(rejected: number, message: string): Buffer {
  if (rejected === 0) return Buffer.alloc(0);
  return delimited(
    1,
    Buffer.concat([varintField(1, rejected), delimited(2, Buffer.from(message))]),
  );
}

/** google.rpc.Status: 1 code, 2 message. */
export function statusBody(httpStatus: number, message: string): Buffer {
  return Buffer.concat([varintField(1, rpcCode(httpStatus)), delimited(2, Buffer.from(message))]);
}

/** The same as JSON, for a sender that speaks JSON. */
export function statusJson(httpStatus: number, message: string): string {
  return JSON.stringify({ code: rpcCode(httpStatus), message });
}

function rpcCode(httpStatus: number): number {
  return rpcCodes[httpStatus] ?? 2;
}

function varintField(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varint(value)]);
}

function delimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
