// Where a span that an application starts belongs, and when it began: the agent and the SDK agree.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  context,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TimeInput,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { REMOTE, runBoth, same, useEngines } from '../support/oracle.js';

useEngines();

describe('a parent', () => {
  same(
    'is the active span',
    (tracer) =>
      tracer.startActiveSpan('outer', (outer) => {
        tracer.startSpan('inner').end();
        outer.end();
        return trace.getActiveSpan() === outer;
      }),
    ([inner, outer], seen) => {
      assert.equal(inner?.parent, 'outer');
      assert.equal(outer?.parent, 'none');
      assert.equal(seen, true);
    },
  );

  same(
    'is the span of the context that is given, whatever is active',
    (tracer) => {
      const a = tracer.startSpan('a');
      tracer.startActiveSpan('b', (b) => {
        tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, a)).end();
        tracer.startSpan('root', {}, ROOT_CONTEXT).end();
        b.end();
      });
      a.end();
    },
    (spans) =>
      assert.deepEqual(
        spans.map(({ name, parent }) => [name, parent]),
        [
          ['a', 'none'],
          ['b', 'none'],
          ['child', 'a'],
          ['root', 'none'],
        ],
      ),
  );

  same(
    'is left out of a root',
    (tracer) =>
      tracer.startActiveSpan('outer', (outer) => {
        const root = tracer.startSpan('root', { root: true });
        root.end();
        outer.end();
        return root.spanContext().traceId === outer.spanContext().traceId;
      }),
    ([, root], seen) => {
      assert.equal(root?.parent, 'none');
      assert.equal(seen, false);
    },
  );

  same(
    'may be in another process, and its trace state goes on',
    (tracer) => {
      const remote = trace.setSpanContext(ROOT_CONTEXT, REMOTE);
      const span = tracer.startSpan('served', { kind: SpanKind.SERVER }, remote);
      span.end();
      return span.spanContext().traceId;
    },
    ([span], seen) => {
      assert.equal(seen, REMOTE.traceId);
      assert.equal(span?.parent, REMOTE.spanId);
      assert.equal(span?.isParentRemote, true);
    },
  );

  same(
    'may be a span of this process that is not recorded',
    (tracer) => {
      const local = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, isRemote: false });
      tracer.startSpan('child', {}, local).end();
    },
    ([span]) => {
      assert.equal(span?.parent, REMOTE.spanId);
      assert.equal(span?.isParentRemote, false);
    },
  );

  same(
    'that is not valid is none',
    (tracer) => {
      const invalid = trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT);
      const short = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, spanId: 'abc' });
      tracer.startSpan('a', {}, invalid).end();
      tracer.startSpan('b', {}, short).end();
    },
    (spans) =>
      assert.deepEqual(
        spans.map(({ parent }) => parent),
        ['none', 'none'],
      ),
  );

  same(
    'may have ended before its child starts',
    (tracer) => {
      const parent = tracer.startSpan('parent', { kind: SpanKind.SERVER });
      parent.end();
      tracer.startSpan('late', {}, trace.setSpan(ROOT_CONTEXT, parent)).end();
    },
    ([late]) => assert.equal(late?.parent, 'parent'),
  );
});

describe('startActiveSpan', () => {
  same(
    'takes options and a context before the function, and returns what that returns',
    (tracer) => {
      const key = Symbol('key');
      const given = ROOT_CONTEXT.setValue(key, 'value');
      const end = (span: Span): unknown => {
        span.end();
        return [context.active().getValue(key), trace.getActiveSpan() === span];
      };
      return [
        tracer.startActiveSpan('a', end),
        tracer.startActiveSpan('b', { attributes: { b: 1 } }, end),
        tracer.startActiveSpan('c', { kind: SpanKind.CLIENT }, given, end),
        (tracer as never as Record<string, (name: string) => unknown>).startActiveSpan?.('d'),
      ];
    },
    (spans, seen) => {
      assert.deepEqual(
        spans.map(({ name, kind }) => [name, kind]),
        [
          ['a', 1],
          ['b', 1],
          ['c', 3],
        ],
      );
      assert.deepEqual(seen, [[undefined, true], [undefined, true], ['value', true], undefined]);
    },
  );

  same(
    'passes on what the function throws',
    (tracer) => {
      try {
        tracer.startActiveSpan('thrown', (span) => {
          span.end();
          throw new RangeError('out');
        });
      } catch (error) {
        return String(error);
      }
      return 'nothing';
    },
    (_spans, seen) => assert.equal(seen, 'RangeError: out'),
  );

  same(
    'keeps the span active across awaits, and only inside',
    async (tracer) => {
      const seen = await tracer.startActiveSpan('outer', async (outer) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        tracer.startSpan('inner').end();
        outer.end();
        return trace.getActiveSpan() === outer;
      });
      return [seen, trace.getActiveSpan()];
    },
    ([inner], seen) => {
      assert.equal(inner?.parent, 'outer');
      assert.deepEqual(seen, [true, undefined]);
    },
  );
});

describe('suppressed tracing', () => {
  same(
    'records nothing, also not inside, and says so',
    (tracer) =>
      context.with(suppressTracing(ROOT_CONTEXT), () =>
        tracer.startActiveSpan('hidden', (span) => {
          tracer.startSpan('inner').end();
          tracer.startSpan('root', { root: true }).end();
          span.end();
          return [span.isRecording(), span.spanContext(), trace.getActiveSpan() === span];
        }),
      ),
    (spans, seen) => {
      assert.deepEqual(spans, []);
      assert.deepEqual(seen, [false, INVALID_SPAN_CONTEXT, true]);
    },
  );
});

describe('times', () => {
  const START = 1_700_000_000_000;
  const cases: [string, TimeInput, TimeInput, [bigint, bigint]][] = [
    ['milliseconds since 1970', START, START + 1_500.25, [0n, 1_500_250_000n]],
    ['dates', new Date(START), new Date(START + 3), [0n, 3_000_000n]],
    [
      'seconds and nanoseconds',
      [START / 1000, 5_000],
      [START / 1000 + 1, 7_000],
      [5_000n, 1_000_007_000n],
    ],
    ['an end before the start', START, START - 10, [0n, 0n]],
  ];
  for (const [what, startTime, endTime, [start, end]] of cases) {
    it(`may be given: ${what}`, async () => {
      const { raw } = await runBoth((tracer) =>
        tracer.startSpan('timed', { startTime }).end(endTime),
      );
      const base = BigInt(START) * 1_000_000n;
      for (const [span] of raw) {
        assert.equal((span?.startNano ?? 0n) - base, start);
        assert.equal((span?.endNano ?? 0n) - base, end);
      }
    });
  }

  it('may be given as readings of performance.now()', async () => {
    const startTime = performance.now() - 20;
    const { raw } = await runBoth((tracer) =>
      tracer.startSpan('timed', { startTime }).end(startTime + 10),
    );
    for (const [span] of raw) {
      const expected = (performance.timeOrigin + startTime) * 1000;
      assert.ok(Math.abs(Number((span?.startNano ?? 0n) / 1000n) - expected) < 100_000);
      const micros = Number((span?.endNano ?? 0n) - (span?.startNano ?? 0n)) / 1000;
      assert.ok(Math.abs(micros - 10_000) <= 1);
    }
  });

  it('are the present where none is given, or none that makes sense', async () => {
    const before = Date.now();
    const { raw } = await runBoth(async (tracer) => {
      const span = tracer.startSpan('timed');
      const odd = tracer.startSpan('timed', { startTime: Number.NaN });
      await new Promise((resolve) => setTimeout(resolve, 20));
      span.end();
      odd.end('yesterday' as never);
    });
    // The SDK puts NaN on the wire; a span must have its time.
    for (const span of raw[0] ?? []) {
      assert.ok(Math.abs(Number(span.startNano / 1_000_000n) - before) < 1_000);
      assert.ok(span.endNano - span.startNano >= 15_000_000n);
    }
  });

  it('of a child agree with its parent, however far in the past both are', async () => {
    const { raw } = await runBoth((tracer) => {
      const parent = tracer.startSpan('parent', { startTime: START });
      const inside = trace.setSpan(ROOT_CONTEXT, parent);
      tracer.startSpan('child', { startTime: START + 1 }, inside).end(START + 2);
      parent.end(START + 3);
    });
    for (const spans of raw) {
      const times = spans.map(({ startNano, endNano }) => [startNano, endNano]);
      const at = (ms: number): bigint => BigInt(START + ms) * 1_000_000n;
      assert.deepEqual(times.sort(), [
        [at(0), at(3)],
        [at(1), at(2)],
      ]);
    }
  });
});
