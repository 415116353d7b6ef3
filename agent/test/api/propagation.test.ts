// What goes between services in W3C headers: what OpenTelemetry's propagators do, the agent's do too.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Baggage,
  type BaggageEntry,
  baggageEntryMetadataFromString,
  type Context,
  context,
  createTraceState,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { W3CTraceState } from '../../src/api/trace-state.js';
import { REMOTE, same, useEngines } from '../support/oracle.js';

useEngines();

const TRACEPARENT = `00-${REMOTE.traceId}-${REMOTE.spanId}-01`;

type Carrier = Record<string, string | string[]>;

const inject = (from: Context): Carrier => {
  const carrier: Carrier = {};
  propagation.inject(from, carrier);
  return carrier;
};

const extract = (carrier: Carrier): Context => propagation.extract(ROOT_CONTEXT, carrier);

/** What is known of the caller, without objects. */
const callerIn = (carrier: Carrier): unknown => {
  const caller = trace.getSpanContext(extract(carrier));
  return caller && { ...caller, traceState: caller.traceState?.serialize() };
};

const entriesOf = (baggage: Baggage | undefined): unknown =>
  baggage
    ?.getAllEntries()
    .map(([name, { value, metadata }]) => [name, value, metadata?.toString()]);

describe('fields', () => {
  same(
    'name the headers',
    () => propagation.fields().sort(),
    (_spans, seen) => assert.deepEqual(seen, ['baggage', 'traceparent', 'tracestate']),
  );
});

describe('traceparent', () => {
  same(
    'carries the active span to the next service',
    (tracer) =>
      tracer.startActiveSpan('span', (span) => {
        const { traceparent } = inject(context.active()) as { traceparent: string };
        const [version, traceId, spanId, flags] = traceparent.split('-');
        const { traceId: ours, spanId: its } = span.spanContext();
        return [version, traceId === ours, spanId === its, Number(flags) & 1];
      }),
    (_spans, seen) => assert.deepEqual(seen, ['00', true, true, 1]),
  );

  same(
    'is not written for a context without a valid span, or a suppressed one',
    (tracer) => [
      inject(ROOT_CONTEXT),
      inject(trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, spanId: '0000000000000000' })),
      inject(suppressTracing(trace.setSpan(ROOT_CONTEXT, tracer.startSpan('span')))),
    ],
    (_spans, seen) => assert.deepEqual(seen, [{}, {}, {}]),
  );

  const headers: [string, string | string[]][] = [
    ['a sampled caller', TRACEPARENT],
    ['one that is not sampled', TRACEPARENT.replace(/01$/, '00')],
    ['the first of several', [TRACEPARENT, 'other']],
    ['a later version with more parts', `cc${TRACEPARENT.slice(2)}-more`],
    ['version 00 with more parts', `${TRACEPARENT}-more`],
    ['the forbidden version', `ff${TRACEPARENT.slice(2)}`],
    ['capital letters', TRACEPARENT.toUpperCase()],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${REMOTE.spanId}-01`],
    ['a span id of zeros', `00-${REMOTE.traceId}-${'0'.repeat(16)}-01`],
    ['a short trace id', `00-abc-${REMOTE.spanId}-01`],
    ['letters that are no digits', TRACEPARENT.replace('0af7', '0agz')],
    ['nothing', ''],
    ['an empty list', []],
  ];
  for (const [what, traceparent] of headers) {
    same(
      `is read where it names ${what}`,
      () => callerIn({ traceparent }),
      () => {},
    );
  }

  same(
    'that is missing leaves the context as it is',
    () => extract({}) === ROOT_CONTEXT,
    (_spans, seen) => assert.equal(seen, true),
  );

  same(
    'makes the caller the parent of what starts in the context',
    (tracer) => {
      tracer.startSpan('served', {}, extract({ traceparent: TRACEPARENT })).end();
      const carrier = inject(extract({ traceparent: TRACEPARENT, tracestate: 'a=1,b=2' }));
      return carrier;
    },
    ([span], seen) => {
      assert.equal(span?.parent, REMOTE.spanId);
      assert.equal(span?.isParentRemote, true);
      assert.deepEqual(seen, { traceparent: TRACEPARENT, tracestate: 'a=1,b=2' });
    },
  );

  same(
    'goes with the state of the trace, through the spans of this process',
    (tracer) => {
      const caller = extract({ traceparent: TRACEPARENT, tracestate: ['a=1', 'b=2'] });
      return tracer.startActiveSpan('entry', {}, caller, () =>
        tracer.startActiveSpan('child', (child) => [
          inject(context.active()).tracestate,
          child.spanContext().traceState?.get('b'),
        ]),
      );
    },
    (_spans, seen) => assert.deepEqual(seen, ['a=1,b=2', '2']),
  );

  it('is read and written through getters and setters of any carrier', () => {
    const carrier = new Map<string, string>();
    propagation.inject(trace.setSpanContext(ROOT_CONTEXT, REMOTE), carrier, {
      set: (map, name, value) => map.set(name, value),
    });
    const back = propagation.extract(ROOT_CONTEXT, carrier, {
      get: (map, name) => map.get(name),
      keys: (map) => [...map.keys()],
    });
    assert.equal(trace.getSpanContext(back)?.spanId, REMOTE.spanId);
  });
});

describe('baggage', () => {
  const entries: Record<string, BaggageEntry> = {
    user: { value: 'a b,c;d=e/ä' },
    'na me': { value: '1', metadata: baggageEntryMetadataFromString('p=1;q') },
  };

  same(
    'goes out encoded, with its properties, and comes back the same',
    () => {
      const baggage = propagation.createBaggage(entries);
      const carrier = inject(propagation.setBaggage(ROOT_CONTEXT, baggage));
      return [carrier, entriesOf(propagation.getBaggage(extract(carrier)))];
    },
    (_spans, seen) =>
      assert.deepEqual(seen, [
        { baggage: 'user=a%20b%2Cc%3Bd%3De%2F%C3%A4,na%20me=1;p=1;q' },
        [
          ['user', 'a b,c;d=e/ä', undefined],
          ['na me', '1', 'p=1;q'],
        ],
      ]),
  );

  same(
    'that came in can be derived from and never changes',
    () => {
      const came = propagation.getBaggage(extract({ baggage: 'a=1,b=2' })) as Baggage;
      const more = came.setEntry('c', { value: '3' });
      return [
        came.getEntry('a'),
        came.getEntry('none'),
        entriesOf(more),
        entriesOf(more.removeEntry('a')),
        entriesOf(more.removeEntries('a', 'b')),
        entriesOf(more.clear()),
        entriesOf(came),
      ];
    },
    (_spans, seen) => assert.equal((seen as unknown[]).length, 7),
  );

  const headers: [string, string | string[]][] = [
    ['blanks', ' a = 1 , b =2 ; p '],
    ['a member without a value', 'a=,b=2,c'],
    ['a member without a name', '=1,b=2'],
    ['broken percent signs', 'a=%zz,b=2'],
    ['the same name twice', 'a=1,a=2'],
    ['several headers', ['a=1', 'b=2']],
    ['nothing that holds', ',;,='],
    ['an empty text', ''],
    ['too many members', Array.from({ length: 200 }, (_, i) => `k${i}=1`).join(',')],
    ['a member that is too long', `long=${'x'.repeat(5000)},b=2`],
    [
      'more than a header may hold',
      Array.from({ length: 5 }, (_, i) => `k${i}=${'x'.repeat(2000)}`).join(','),
    ],
  ];
  for (const [what, baggage] of headers) {
    same(
      `is read in the same way with ${what}`,
      () => entriesOf(propagation.getBaggage(extract({ baggage }))),
      () => {},
    );
  }

  same(
    'that is too much for a header goes out in part',
    () => {
      const many = Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [`k${i}`, { value: 'x'.repeat(i < 2 ? 4100 : 30) }]),
      );
      return inject(propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(many)));
    },
    (_spans, seen) => assert.ok(String((seen as Carrier).baggage).length <= 8192),
  );

  same(
    'is not written for a suppressed context',
    () => {
      const baggage = propagation.createBaggage(entries);
      return inject(suppressTracing(propagation.setBaggage(ROOT_CONTEXT, baggage)));
    },
    (_spans, seen) => assert.deepEqual(seen, {}),
  );
});

describe('trace state', () => {
  // The API's own is the oracle.
  const headers = [
    'a=1,b=2',
    'b=2 , a=1',
    'a@v=x/y,0a@v=1',
    'A=1,b=2',
    'a=1,a=2',
    'a=,b=2,c',
    'a=b=c,d=1',
    `a=${'x'.repeat(257)},b=2`,
    '',
  ];
  for (const header of headers) {
    it(`reads ${JSON.stringify(header.slice(0, 20))} as the API does`, () => {
      const api = createTraceState(header);
      const own = W3CTraceState.parse(header);
      for (const key of ['a', 'b', 'c', 'd', 'a@v', '0a@v', 'A']) {
        // A member twice is against the rules; ours keeps the first, which is the latest.
        if (header !== 'a=1,a=2') assert.equal(own.get(key), api.get(key), key);
      }
    });
  }

  it('puts what is set in front, and leaves out what breaks the rules', () => {
    const state = W3CTraceState.parse('a=1,b=2');
    assert.equal(state.set('b', '3').serialize(), 'b=3,a=1');
    assert.equal(state.set('c', '3').serialize(), 'c=3,a=1,b=2');
    assert.equal(state.unset('a').serialize(), 'b=2');
    assert.equal(state.unset('none'), state);
    assert.equal(state.set('Not valid', '1'), state);
    assert.equal(state.set('c', 'a,b'), state);
    assert.equal(state.set('c', 'x'.repeat(256)).get('c')?.length, 256);
    assert.equal(state.serialize(), 'a=1,b=2');
  });

  it('never grows beyond 512 characters', () => {
    const state = W3CTraceState.parse('a=1').set('b', 'x'.repeat(250)).set('c', 'y'.repeat(250));
    assert.equal(state.set('d', 'z'.repeat(20)), state);
  });
});
