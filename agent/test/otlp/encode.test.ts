// What the encoders write, read back by an independent decoder.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AttributeValue } from '../../src/otlp/attribute.js';
import { AttributeList } from '../../src/otlp/attribute-list.js';
import {
  ByteWriter,
  encodeMetrics,
  encodeRequest,
  encodeSpan,
  type MetricPoint,
  type Resource,
  type SpanRecord,
} from '../../src/otlp/index.js';
import { encodeAttributes } from '../../src/otlp/span.js';
import { TraceId } from '../../src/otlp/trace-id.js';
import { decodeMetrics, decodeTraces } from '../support/otlp-proto.js';

const RESOURCE: Resource = {
  attributes: { 'service.name': 'shop', 'process.pid': 4711 },
  agentVersion: '1.2.3',
};
const NOTHING_PAID = {
  ...{ loopBlockedMs: 0, gcMs: 0, poolWaitCount: 0, poolWaitMs: 0, poolHoldMs: 0 },
  ...{ dbCount: 0, dbMs: 0, outCount: 0, outMs: 0 },
};
const SPAN: SpanRecord = {
  traceId: TraceId.parse('0af7651916cd43dd8448eb211c80319c'),
  traceState: 'a=1',
  traceFlags: 3,
  prefix: 0xb7ad6b716920,
  sequence: 0x3331,
  parentPrefix: 0x00f067aa0ba9,
  parentSequence: 0x02b7,
  parentIsRemote: true,
  name: 'GET /orders/:id',
  kind: 2,
  startMicros: 1_795_000_000_123_456,
  endMicros: 1_795_000_000_223_457,
  attributes: listOf({
    'http.request.method': 'GET',
    'server.port': 8080,
    'venturi.gc_ms': 3,
    flag: true,
  }),
  heading: undefined,
  commonAttributes: encodeAttributes(['common', 'to many']),
  loopBusyMs: 12.3456,
  paidSums: { ...NOTHING_PAID, poolWaitMs: 0.0004, dbCount: 300, dbMs: 4.5 },
  events: [
    {
      name: 'exception',
      timeMicros: 1_795_000_000_200_000,
      attributes: ['exception.type', 'Error'],
    },
  ],
  statusCode: 2,
  statusMessage: 'boom',
  additions: undefined,
};

function listOf(attributes: Record<string, AttributeValue>): AttributeList {
  const list = new AttributeList();
  for (const [name, value] of Object.entries(attributes)) list.add(name, value);
  return list;
}

function roundTrip(...spans: SpanRecord[]): ReturnType<typeof decodeTraces> {
  const out = new ByteWriter(16);
  for (const span of spans) encodeSpan(out, span);
  return decodeTraces(encodeRequest(RESOURCE, out.bytes()));
}

describe('a span', () => {
  it('comes back as it was', () => {
    const [span] = roundTrip(SPAN);
    assert.deepEqual(span, {
      traceId: SPAN.traceId.hex,
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      traceState: 'a=1',
      flags: 0x303,
      name: 'GET /orders/:id',
      kind: 2,
      startNano: 1_795_000_000_123_456_000n,
      endNano: 1_795_000_000_223_457_000n,
      attributes: {
        'http.request.method': 'GET',
        'server.port': 8080,
        'venturi.gc_ms': 3,
        flag: true,
        common: 'to many',
        'venturi.loop_busy_ms': 12.346,
        'venturi.db_count': 300,
        'venturi.db_ms': 4.5,
      },
      events: [
        {
          name: 'exception',
          timeNano: 1_795_000_000_200_000_000n,
          attributes: { 'exception.type': 'Error' },
          dropped: 0,
        },
      ],
      links: [],
      dropped: { attributes: 0, events: 0, links: 0 },
      status: { code: 2, message: 'boom' },
      resource: RESOURCE.attributes,
      scope: { name: '@venturi/agent', version: '1.2.3', schemaUrl: '' },
    });
  });

  it('has no parent where there is none', () => {
    const [span] = roundTrip({ ...SPAN, parentPrefix: 0, parentSequence: 0, events: undefined });
    assert.equal(span?.parentSpanId, '');
    assert.deepEqual(span?.events, []);
  });

  it('keeps any attributes, however many times their bytes were cached', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }),
      fc.boolean(),
    );
    const attributes = fc.dictionary(fc.string({ minLength: 1, maxLength: 40 }), value, {
      maxKeys: 12,
    });
    fc.assert(
      fc.property(attributes, (given) => {
        const bare = { commonAttributes: undefined, loopBusyMs: 0, paidSums: undefined };
        const record = { ...SPAN, ...bare, attributes: listOf(given) };
        const [first, second] = roundTrip(record, record);
        const expected = Object.entries(given).map(([k, v]) => [
          wellFormed(k),
          v === 0 ? 0 : wellFormed(v),
        ]);
        assert.deepEqual({ ...first?.attributes }, Object.fromEntries(expected));
        assert.deepEqual(second?.attributes, first?.attributes);
      }),
      { numRuns: 200 },
    );
  });

  it('cuts values that would fill a batch', () => {
    const [span] = roundTrip({
      ...SPAN,
      attributes: listOf({ 'code.stacktrace': 'x'.repeat(100_000) }),
    });
    assert.equal(String(span?.attributes['code.stacktrace']).length, 8192);
  });
});

describe('metrics', () => {
  it('come back as gauges, delta sums and delta histograms', () => {
    const at = { timeUnixMs: 1_795_000_000_000, startUnixMs: 1_794_999_990_000 };
    const points: MetricPoint[] = [
      {
        type: 'gauge',
        name: 'nodejs.eventloop.utilization',
        unit: '1',
        value: 0.25,
        timeUnixMs: at.timeUnixMs,
      },
      {
        type: 'gauge',
        name: 'cpu',
        unit: '1',
        value: 1,
        attributes: { mode: 'user' },
        timeUnixMs: at.timeUnixMs,
      },
      {
        type: 'gauge',
        name: 'cpu',
        unit: '1',
        value: 2,
        attributes: { mode: 'system' },
        timeUnixMs: at.timeUnixMs,
      },
      { type: 'sum', name: 'venturi.agent.spans.exported', unit: '{span}', value: 12, ...at },
      {
        type: 'histogram',
        name: 'v8js.gc.duration',
        unit: 's',
        count: 3,
        sum: 0.5,
        min: 0.1,
        max: 0.3,
        bounds: [0.1, 1],
        bucketCounts: [1, 2, 0],
        attributes: { 'v8js.gc.type': 'major' },
        ...at,
      },
    ];
    const decoded = decodeMetrics(encodeMetrics(RESOURCE, points));
    assert.deepEqual(
      decoded.map(({ name, type, temporality, points: found }) => [
        name,
        type,
        temporality,
        found.length,
      ]),
      [
        ['nodejs.eventloop.utilization', 'gauge', 0, 1],
        ['cpu', 'gauge', 0, 2],
        ['venturi.agent.spans.exported', 'sum', 1, 1],
        ['v8js.gc.duration', 'histogram', 1, 1],
      ],
    );
    assert.equal(decoded[1]?.points[1]?.attributes.mode, 'system');
    assert.equal(decoded[2]?.isMonotonic, true);
    const histogram = decoded[3]?.points[0];
    assert.deepEqual(
      [histogram?.count, histogram?.sum, histogram?.min, histogram?.max],
      [3, 0.5, 0.1, 0.3],
    );
    assert.deepEqual(
      [histogram?.bounds, histogram?.bucketCounts],
      [
        [0.1, 1],
        [1, 2, 0],
      ],
    );
    assert.equal(histogram?.startNano, 1_794_999_990_000_000_000n);
  });
});

/** Lone surrogates become U+FFFD on the wire. */
function wellFormed<Value>(value: Value): Value | string {
  return typeof value === 'string' ? Buffer.from(value).toString() : value;
}
