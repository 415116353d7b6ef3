// Spans that an application records through OpenTelemetry's API: each statement holds for the agent and for the SDK,
// and both put the same on the wire.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Attributes,
  type Exception,
  INVALID_SPAN_CONTEXT,
  type Link,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { Comparable } from '../support/api-engines.js';
import { list, one, REMOTE, runBoth, same, useEngines } from '../support/oracle.js';

useEngines();

const attributesOf = (spans: Comparable[]): unknown => spans[0]?.attributes;

describe('a span', () => {
  same(
    'has its name, kind, attributes and the scope of its tracer',
    one(() => {}, { kind: SpanKind.PRODUCER, attributes: { a: 1 } }),
    ([span]) => {
      assert.equal(span?.name, 'one');
      assert.equal(span?.kind, 4);
      assert.deepEqual(span?.attributes, { a: 1 });
      assert.deepEqual(span?.scope, { name: 'app', version: '1.2.3', schemaUrl: '' });
    },
  );

  same(
    'is internal where no kind is given, or one that is none',
    (tracer) => {
      tracer.startSpan('none').end();
      tracer.startSpan('undefined', { kind: undefined as never }).end();
    },
    (spans) =>
      assert.deepEqual(
        spans.map(({ kind }) => kind),
        [1, 1],
      ),
  );

  same(
    'records until it ends, and ignores changes after that',
    one((span) => {
      const before = span.isRecording();
      span.setAttribute('kept', true);
      span.end();
      span.setAttribute('late', true).setAttributes({ late: 1 }).addEvent('late');
      span.setStatus({ code: SpanStatusCode.ERROR }).updateName('late');
      span.addLink({ context: REMOTE }).addLinks([{ context: REMOTE }]);
      span.recordException(new Error('late'));
      return [before, span.isRecording()];
    }),
    (spans, seen) => {
      assert.deepEqual(seen, [true, false]);
      assert.equal(spans.length, 1);
      assert.deepEqual(spans[0]?.attributes, { kept: true });
      assert.equal(spans[0]?.name, 'one');
    },
  );

  same(
    'can be renamed',
    one((span) => span.updateName('two') === span),
    ([span], seen) => {
      assert.equal(span?.name, 'two');
      assert.equal(seen, true);
    },
  );

  same(
    'tells its context: sampled, valid, always the same object',
    one((span) => {
      const context = span.spanContext();
      const { traceId, spanId, traceFlags, isRemote, traceState } = context;
      return {
        isHex: /^[0-9a-f]{32}$/.test(traceId) && /^[0-9a-f]{16}$/.test(spanId),
        isSampled: (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED,
        isRemote,
        traceState,
        isSame: span.spanContext() === context,
      };
    }),
    (_spans, seen) =>
      assert.deepEqual(seen, {
        isHex: true,
        isSampled: true,
        isRemote: undefined,
        traceState: undefined,
        isSame: true,
      }),
  );
});

describe('attributes', () => {
  const values: Attributes = {
    text: 'ä',
    empty: '',
    int: 3,
    negative: -7,
    zero: 0,
    double: 1.5,
    large: 2 ** 60,
    huge: 1e300,
    took_ms: 5,
    yes: true,
    no: false,
    texts: ['a', 'b'],
    numbers: [1, 2.5],
    flags: [true, false],
    gaps: ['a', null, undefined, 'b'] as string[],
    none: [],
  };
  same(
    'may be texts, numbers, booleans and lists of one of them, with gaps',
    one((span) => span.setAttributes(values) === span),
    (spans, seen) => {
      assert.equal(seen, true);
      assert.deepEqual(attributesOf(spans), { ...values, gaps: ['a', '', '', 'b'] });
    },
  );

  same(
    'are left out where the value is none of these',
    one((span) => {
      span.setAttributes({
        nothing: undefined,
        null: null as never,
        object: { a: 1 } as never,
        mixed: ['a', 1] as never,
        nested: [['a']] as never,
        function: (() => {}) as never,
        '': 'no name',
      });
      span.setAttribute('', 'no name');
      span.setAttribute('kept', 1);
    }),
    (spans) => assert.deepEqual(attributesOf(spans), { kept: 1 }),
  );

  same(
    'are checked where the span starts with them, too',
    one(() => {}, { attributes: { ok: 1, bad: {}, '': 2, nothing: undefined } }),
    (spans) => assert.deepEqual(attributesOf(spans), { ok: 1 }),
  );

  same(
    'are overwritten by the same name',
    one((span) => {
      span.setAttribute('a', 1).setAttribute('b', 2).setAttribute('a', 'three');
    }),
    (spans) => assert.deepEqual(attributesOf(spans), { a: 'three', b: 2 }),
  );

  same(
    'keep a list as it was when it was set',
    one((span) => {
      const list = ['a'];
      span.setAttribute('list', list);
      list.push('b');
    }),
    (spans) => assert.deepEqual(attributesOf(spans), { list: ['a'] }),
  );

  same(
    'are counted as dropped from the 129th on, but those that are there can be changed',
    one((span) => {
      for (let i = 0; i < 130; i++) span.setAttribute(`a${i}`, i);
      span.setAttribute('a0', 'changed');
    }),
    ([span]) => {
      const attributes = span?.attributes as Attributes;
      assert.equal(Object.keys(attributes).length, 128);
      assert.equal(attributes.a0, 'changed');
      assert.deepEqual(span?.dropped, { attributes: 2, events: 0, links: 0 });
    },
  );
});

describe('events', () => {
  same(
    'have attributes, and may be several of one name',
    one((span) => {
      span
        .addEvent('bare')
        .addEvent('with', { a: 1, bad: {} as never })
        .addEvent('with');
    }),
    ([span]) =>
      assert.deepEqual(span?.events, [
        { name: 'bare', attributes: {}, dropped: 0 },
        { name: 'with', attributes: { a: 1 }, dropped: 0 },
        { name: 'with', attributes: {}, dropped: 0 },
      ]),
  );

  it('have the time that is given in the second or third place, else the present', async () => {
    const at = 1_700_000_000_123;
    const { raw } = await runBoth(
      one((span) => {
        span.addEvent('second', at).addEvent('third', { a: 1 }, at).addEvent('now', { a: 1 });
      }),
    );
    for (const [span] of raw) {
      const times = (span?.events ?? []).map(({ timeNano }) => timeNano);
      const [second, third, now] = times as [bigint, bigint, bigint];
      assert.equal(second, BigInt(at) * 1_000_000n);
      assert.equal(third, second);
      assert.ok(Math.abs(Number(now / 1_000_000n) - Date.now()) < 5_000);
    }
  });

  same(
    'push the oldest out from the 129th on',
    one((span) => {
      for (let i = 0; i < 130; i++) span.addEvent(`e${i}`);
    }),
    ([span]) => {
      const events = list<{ name: string }>(span?.events);
      assert.equal(events.length, 128);
      assert.equal(events[0]?.name, 'e2');
      assert.deepEqual(span?.dropped, { attributes: 0, events: 2, links: 0 });
    },
  );

  same(
    'have at most 128 attributes each',
    one((span) => {
      const many = Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`a${i}`, i]));
      span.addEvent('many', many).addLink({ context: REMOTE, attributes: many });
    }),
    ([span]) => {
      assert.equal(list<{ dropped: number }>(span?.events)[0]?.dropped, 2);
      assert.equal(list<{ dropped: number }>(span?.links)[0]?.dropped, 2);
    },
  );
});

describe('recordException', () => {
  const cases: [string, Exception][] = [
    ['an error', new TypeError('broken')],
    ['an error with a code', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
    ['an error with a number as its code', Object.assign(new Error('no'), { code: 42 })],
    ['a text', 'just text'],
    ['an object with a message', { message: 'half' }],
    ['an object with a name', { name: 'Odd' } as never],
    ['an object that says nothing', {} as never],
    ['nothing', undefined as never],
  ];
  for (const [what, exception] of cases) {
    same(
      `adds an event for ${what}, and leaves the status alone`,
      one((span) => span.recordException(exception)),
      ([span]) => assert.deepEqual(span?.status, { code: 0, message: '' }),
    );
  }

  it('names type, message and stack', async () => {
    const { spans } = await runBoth(one((span) => span.recordException(new TypeError('broken'))));
    for (const [span] of spans) {
      const [event] = list<{ name: string; attributes: Record<string, string> }>(span?.events);
      assert.equal(event?.name, 'exception');
      assert.equal(event?.attributes['exception.type'], 'TypeError');
      assert.equal(event?.attributes['exception.message'], 'broken');
      assert.match(String(event?.attributes['exception.stacktrace']), /spans\.test/);
    }
  });
});

describe('a status', () => {
  const statuses: [string, [SpanStatusCode, unknown?][], [number, string]][] = [
    ['of failure has a message', [[2, 'why']], [2, 'why']],
    ['of success has none', [[1, 'why']], [1, '']],
    ['of unset changes nothing', [[2, 'why'], [0]], [2, 'why']],
    ['of success goes over a failure', [[2, 'why'], [1]], [1, '']],
    ['of success is final', [[1], [2, 'why']], [1, '']],
    [
      'of failure can be said better',
      [
        [2, 'why'],
        [2, 'because'],
      ],
      [2, 'because'],
    ],
    ['of failure without a message forgets the one before', [[2, 'why'], [2]], [2, '']],
    ['has no message that is no text', [[2, { a: 1 }]], [2, '']],
  ];
  for (const [what, calls, [code, message]] of statuses) {
    same(
      what,
      one((span) => {
        for (const [status, text] of calls)
          span.setStatus({ code: status, message: text as string });
      }),
      ([span]) => assert.deepEqual(span?.status, { code, message }),
    );
  }
});

describe('links', () => {
  same(
    'come from the start and later, with attributes and trace state',
    (tracer) => {
      const other = tracer.startSpan('other');
      const links: Link[] = [{ context: other.spanContext(), attributes: { a: ['x'] } }];
      const span = tracer.startSpan('linked', { links });
      span.addLink({ context: REMOTE, attributes: { b: 1, bad: {} as never } });
      span.addLinks([{ context: INVALID_SPAN_CONTEXT }, { context: REMOTE }]);
      span.end();
      other.end();
    },
    ([span]) => {
      const links = list<{ to: string; attributes: Attributes; flags: number }>(span?.links);
      assert.deepEqual(
        links.map(({ to, attributes }) => [to, attributes]),
        [
          ['other', { a: ['x'] }],
          [REMOTE.spanId, { b: 1 }],
          [INVALID_SPAN_CONTEXT.spanId, {}],
          [REMOTE.spanId, {}],
        ],
      );
      assert.equal(links[1]?.flags, 0x301);
    },
  );

  same(
    'push the oldest out from the 129th on',
    one((span) => {
      for (let i = 0; i < 130; i++) span.addLink({ context: REMOTE, attributes: { i } });
    }),
    ([span]) => {
      const links = list<{ attributes: Attributes }>(span?.links);
      assert.equal(links.length, 128);
      assert.deepEqual(links[0]?.attributes, { i: 2 });
      assert.deepEqual(span?.dropped, { attributes: 0, events: 0, links: 2 });
    },
  );
});
