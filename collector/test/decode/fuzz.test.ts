// Whatever bytes come, a request is stored as a whole, or refused and leaves nothing behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockTables } from '../../src/decode/block.js';
import { VenturiError } from '../../src/self/errors.js';
import { encodeMessage, keyValues, metricsRequest, span, traceRequest } from '../support/otlp.js';
import { createHarness } from './harness.js';

const timeLimitMs = 4000;

const traces = traceRequest(
  [
    span({
      attributes: { 'http.route': '/a', list: [1n, 'x', { deep: [true] }], n: 1.5, b: false },
      more: {
        status: { code: 2, message: 'm' },
        trace_state: 'ot=th:c',
        events: [{ time_unix_nano: '1', name: 'e', attributes: keyValues({ k: 'v' }) }],
        links: [{ trace_id: Buffer.alloc(16, 1), span_id: Buffer.alloc(8, 1) }],
      },
    }),
    span({ kind: 3, attributes: { 'db.query.text': 'select 1' } }),
  ],
  { 'service.version': '1' },
);
const metrics = metricsRequest([
  { name: 'g', gauge: { data_points: [{ time_unix_nano: '5', as_double: 1 }] } },
  {
    name: 'h',
    histogram: { data_points: [{ count: '3', explicit_bounds: [1], bucket_counts: ['1', '2'] }] },
  },
]);

/** Native bytes of everything in a block. */
function bytesOf(block: BlockTables): Buffer {
  return Buffer.concat(block.write().flatMap(({ chunks }) => chunks));
}

function rowsOf(block: BlockTables): number {
  return block.write().reduce((sum, { rows }) => sum + rows, 0);
}

const mutations = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('set'), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant('cut'), at: fc.nat(), value: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('copy'), at: fc.nat(), value: fc.integer({ min: 1, max: 40 }) }),
  ),
  { minLength: 1, maxLength: 8 },
);

function mutate(body: Buffer, changes: { kind: string; at: number; value: number }[]): Buffer {
  let bytes = Buffer.from(body);
  for (const { kind, at: anywhere, value } of changes) {
    if (bytes.length === 0) return bytes;
    const at = anywhere % bytes.length;
    if (kind === 'set') bytes[at] = value;
    else if (kind === 'cut')
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + value)]);
    else {
      const part = bytes.subarray(at, at + value);
      bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    }
  }
  return bytes;
}

for (const [signal, body] of [
  ['traces', traces],
  ['metrics', metrics],
] as const) {
  test(`mutated ${signal} are stored or refused as malformed, never half`, () => {
    const { decoder, block } = createHarness({}, 3);
    const fresh = new BlockTables(3);
    fc.assert(
      fc.property(mutations, (changes) => {
        const mutated = mutate(body, changes);
        block.reset();
        decoder.decode(signal, body, block);
        const rows = rowsOf(block);
        try {
          decoder.decode(signal, mutated, block);
        } catch (error) {
          assert.ok(error instanceof VenturiError, String(error));
          assert.equal(error.code, 'MALFORMED_OTLP');
          assert.equal(rowsOf(block), rows);
        }
        // A block that has seen refusals writes the same bytes as one that never did.
        block.reset();
        fresh.reset();
        decoder.decode(signal, body, block);
        decoder.decode(signal, body, fresh);
        assert.ok(bytesOf(block).equals(bytesOf(fresh)));
      }),
      { interruptAfterTimeLimit: timeLimitMs, markInterruptAsFailure: false, numRuns: 20_000 },
    );
  });
}

test('random bytes never do anything but store or refuse', () => {
  const { decoder, block } = createHarness();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const signal of ['traces', 'metrics'] as const) {
        try {
          decoder.decode(signal, Buffer.from(bytes), block);
        } catch (error) {
          assert.equal((error as VenturiError).code, 'MALFORMED_OTLP');
        }
      }
    }),
    { interruptAfterTimeLimit: timeLimitMs / 2, markInterruptAsFailure: false, numRuns: 20_000 },
  );
});

test('attribute values nested deeper than the limit are malformed, and quickly so', () => {
  const { decoder, block } = createHarness();
  let value: Buffer = encodeMessage('AnyValue', { string_value: 'x' });
  const wrap = (tag: number, bytes: Buffer): Buffer => {
    const length: number[] = [];
    let rest = bytes.length;
    for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
    return Buffer.concat([Buffer.from([tag, ...length, rest]), bytes]);
  };
  for (let depth = 0; depth < 5000; depth += 1) value = wrap(0x2a, wrap(0x0a, value));
  const attribute = Buffer.concat([wrap(0x0a, Buffer.from('k')), wrap(0x12, value)]);
  const spanBytes = Buffer.concat([encodeMessage('Span', span()), wrap(0x4a, attribute)]);
  const body = wrap(0x0a, wrap(0x12, wrap(0x12, spanBytes)));
  assert.throws(() => decoder.decode('traces', body, block), { code: 'MALFORMED_OTLP' });
  assert.equal(rowsOf(block), 0);
});

test('known fields with a wrong wire type are malformed, unknown fields are passed over', () => {
  const { decoder, block } = createHarness();
  const unknown = Buffer.from([0xf8, 0x07, 0x01, 0xfd, 0x07, 1, 2, 3, 4, 0xfa, 0x07, 0x01, 0x61]);
  decoder.decode('traces', Buffer.concat([traces, unknown]), block);
  assert.equal(rowsOf(block), 3);
  for (const wrong of [[0x08, 0x01], [0x0d, 1, 2, 3, 4], [0x0b], [0x0c], [0x0f], [0x00]]) {
    const body = Buffer.concat([traces, Buffer.from(wrong)]);
    assert.throws(() => decoder.decode('traces', body, block), { code: 'MALFORMED_OTLP' });
  }
});
