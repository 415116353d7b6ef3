// Spans of one request: ids, times, what it paid, segments, late children, bounds.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { activeSpan, runIn } from '../../src/context/store.js';
import { encodeRequest } from '../../src/otlp/request.js';
import { now } from '../../src/trace/clock.js';
import { inFlight } from '../../src/trace/in-flight.js';
import {
  collections,
  heartbeat,
  overlapBlockedMs,
  PauseRing,
  stalls,
} from '../../src/trace/pauses.js';
import { formatTraceparent, parseTraceparent } from '../../src/trace/propagation.js';
import { Sample } from '../../src/trace/sample.js';
import { spanBuffer } from '../../src/trace/span-buffer.js';
import { startEntry, startSpan } from '../../src/trace/tracer.js';
import { type DecodedSpan, decodeTraces } from '../support/otlp-proto.js';

const SERVER = 2;
const CLIENT = 3;
const INTERNAL = 1;

function take(): DecodedSpan[] {
  let spans: DecodedSpan[] = [];
  spanBuffer.take((items) => {
    spans = decodeTraces(encodeRequest({ attributes: {}, agentVersion: '0' }, items));
  });
  return spans;
}

describe('spans', { concurrency: false }, () => {
  beforeEach(() => {
    take();
  });

  it('of one request share trace and prefix, and go out as each ends', () => {
    const entry = startEntry({ name: 'GET', kind: SERVER });
    const child = runIn(entry, () => startSpan({ name: 'c', kind: CLIENT })) as ReturnType<
      typeof startSpan
    >;
    assert.equal(child.entry, entry);
    assert.equal(inFlight().has(entry), true);
    child.end();
    assert.equal(spanBuffer.spans, 1);
    entry.end();
    entry.end();
    assert.equal(inFlight().has(entry), false);
    const [first, second] = take();
    assert.equal(first?.name, 'c');
    assert.equal(first?.parentSpanId, second?.spanId);
    assert.equal(second?.spanId.slice(12), '0001');
    assert.equal(first?.spanId.slice(12), '0002');
    assert.equal(first?.traceId, second?.traceId);
  });

  it('let go of what they carried, since a connection holds the last request that came over it', () => {
    const entry = startEntry({ name: 'GET', kind: SERVER });
    const child = runIn(entry, () => startSpan({ name: 'c', kind: CLIENT })) as ReturnType<
      typeof startSpan
    >;
    for (const span of [child, entry]) span.setAttribute('a', 'b');
    entry.paid.dbCount = 2;
    child.recordException(new Error('failed'));
    child.end();
    entry.end();
    for (const { events, paidSums } of [child, entry]) {
      assert.deepEqual([events, paidSums], [undefined, undefined]);
    }
    assert.equal(child.attributes, undefined);
    const spans = take();
    assert.equal(spans.at(-1)?.attributes['venturi.db_count'], 2);
    assert.ok(spans.every(({ attributes }) => attributes.a === 'b'));
  });

  it('that end after their request go out at once', () => {
    const entry = startEntry({ name: 'GET', kind: SERVER });
    const child = startSpan({ name: 'late', kind: CLIENT, parent: entry });
    entry.end();
    assert.equal(take().length, 1);
    child.end();
    assert.equal(take()[0]?.name, 'late');
  });

  it('of a request that may not be kept wait for its end, the fewer the more they carry', () => {
    const entry = startEntry({ name: 'GET', kind: SERVER });
    const drawn = { randomness: 1, threshold: 0, key: '' };
    entry.sample = new Sample({ settle: ({ threshold }) => threshold }, drawn);
    const end = (count: number, error?: Error): number => {
      for (let i = 0; i < count; i++) {
        const child = startSpan({ name: 'c', kind: CLIENT, parent: entry });
        if (error !== undefined) child.recordException(error);
        child.end();
      }
      return take().length;
    };
    assert.equal(end(127), 0);
    assert.equal(end(1), 128);
    assert.equal(end(14, new Error('a stack each')), 0);
    assert.equal(end(1, new Error('one too many')), 15);
    entry.end();
    assert.equal(take().length, 1);
  });

  it('take a new prefix when the sequence is used up', () => {
    const entry = startEntry({ name: 'GET', kind: SERVER });
    const ids = new Set<string>([entry.spanId]);
    for (let i = 0; i < 70_000; i++)
      ids.add(startSpan({ name: 'c', kind: INTERNAL, parent: entry }).spanId);
    assert.equal(ids.size, 70_001);
    assert.equal(
      [...ids].some((id) => id.endsWith('0000')),
      false,
    );
    entry.end();
  });

  it('never end before they start, and agree with the wall clock', () => {
    const entry = startEntry({ name: 'GET', kind: SERVER });
    entry.end(entry.startMs - 100);
    const [span] = take();
    assert.equal(span?.startNano, span?.endNano);
    const ageMs = Date.now() - Number((span?.startNano ?? 0n) / 1_000_000n);
    assert.ok(Math.abs(ageMs) < 1000, `${ageMs} ms`);
  });

  it('carry what their request paid, zero left out', () => {
    const endMs = now();
    stalls.push(endMs - 30, endMs - 10);
    collections.push(endMs - 15, endMs - 5);
    const entry = startEntry({ name: 'GET', kind: SERVER, startMs: endMs - 20 });
    entry.method = 'GET';
    entry.route = '/x/:id';
    entry.paid.dbCount = 2;
    entry.paid.dbMs = 1.5;
    entry.end(endMs);
    const [span] = take();
    assert.equal(span?.name, 'GET /x/:id');
    // Whether the heap is asked is drawn by chance; the next test holds it.
    const { 'venturi.heap_growth_bytes': _, ...paid } = span?.attributes ?? {};
    assert.deepEqual(paid, {
      'http.route': '/x/:id',
      'venturi.loop_blocked_ms': 10,
      'venturi.gc_ms': 10,
      'venturi.db_count': 2,
      'venturi.db_ms': 1.5,
    });
  });

  it('tell by how much the heap grew meanwhile, where that is more than litter', () => {
    startEntry({ name: 'GET', kind: SERVER }).end();
    assert.equal(take()[0]?.attributes['venturi.heap_growth_bytes'], undefined);

    const kept: object[] = [];
    for (let request = 0; request < 10; request++) {
      const entry = startEntry({ name: 'GET', kind: SERVER });
      for (let i = 0; i < 10_000; i++) kept.push({ i, name: `kept ${i}` });
      entry.end();
    }
    const growth = take().map(({ attributes }) => attributes['venturi.heap_growth_bytes']);
    // A collection meanwhile hides it, but does not come every time.
    const most = Math.max(...growth.map((bytes) => Number(bytes ?? 0)));
    assert.ok(most > 100_000, growth.join(' '));
    assert.equal(kept.length, 100_000);
  });

  it('record exceptions once, whatever was thrown', () => {
    const error = new RangeError('too far', { cause: 'x' });
    const hostile = Object.defineProperty({}, 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    const span = startSpan({ name: 's', kind: INTERNAL, parent: null });
    for (const thrown of [error, error, 'text', null, undefined, hostile])
      span.recordException(thrown);
    span.end();
    const [decoded] = take();
    assert.deepEqual(
      decoded?.events.map(({ attributes }) => attributes['exception.type']),
      ['RangeError', 'string', 'object', 'undefined', 'Object'],
    );
    assert.equal(decoded?.attributes['error.type'], 'RangeError');
    assert.equal(decoded?.status.code, 2);
  });

  it('are active only inside their call', () => {
    const span = startSpan({ name: 's', kind: INTERNAL, parent: null });
    assert.equal(runIn(span, activeSpan), span);
    assert.equal(activeSpan(), undefined);
    assert.throws(() => runIn(span, () => JSON.parse('{')));
    assert.equal(activeSpan(), undefined);
  });
});

describe('pauses', () => {
  it('overlap an interval as far as they lie in it', () => {
    const ring = new PauseRing(3);
    for (const start of [0, 10, 20, 30]) ring.push(start, start + 5);
    assert.equal(ring.overlapMs(0, 100), 15, 'the oldest gave way');
    assert.equal(ring.overlapMs(12, 32), 3 + 5 + 2);
    assert.equal(ring.overlapMs(26, 29), 0);
  });

  it('count a beat that is overdue as a stall in progress', () => {
    const endMs = now() + 1_000_000;
    heartbeat.lastBeatMs = endMs - 80;
    heartbeat.overdueAfterMs = 50;
    assert.equal(overlapBlockedMs(endMs - 60, endMs), 60);
    assert.equal(overlapBlockedMs(endMs - 200, endMs), 80);
    heartbeat.lastBeatMs = endMs - 40;
    assert.equal(overlapBlockedMs(endMs - 200, endMs), 0);
    heartbeat.overdueAfterMs = Number.POSITIVE_INFINITY;
  });
});

describe('traceparent', () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c';

  it('is read and written alike', () => {
    const remote = parseTraceparent(`00-${TRACE}-b7ad6b7169203331-01`, 'v=1');
    const entry = startEntry({ name: 'GET', kind: SERVER }, remote);
    assert.equal(formatTraceparent(entry), `00-${TRACE}-${entry.spanId}-01`);
    entry.end();
    take();
  });

  it('is refused where it breaks the rules, and read where it is of a later version', () => {
    for (const bad of [
      undefined,
      '',
      `00-${TRACE}-b7ad6b7169203331`,
      `00-${TRACE}-b7ad6b7169203331-01-more`,
      `ff-${TRACE}-b7ad6b7169203331-01`,
      `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`,
      `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
      `00-${TRACE}-0000000000000000-01`,
    ]) {
      assert.equal(parseTraceparent(bad, undefined), undefined, String(bad));
    }
    assert.equal(
      parseTraceparent(`01-${TRACE}-b7ad6b7169203331-01-more`, undefined)?.traceId.hex,
      TRACE,
    );
  });
});
