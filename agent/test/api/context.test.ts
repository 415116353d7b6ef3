// The context manager: what OpenTelemetry's own does, the agent's does too.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe } from 'node:test';
import { type Context, context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { same, useEngines } from '../support/oracle.js';

useEngines();

const KEY = createContextKey('a key of the test');
const OTHER = createContextKey('another key of the test');

const keyNow = (): unknown => context.active().getValue(KEY);
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the active context', () => {
  same(
    'has nothing outside of everything',
    () => [trace.getSpan(context.active()), keyNow()],
    (_spans, seen) => assert.deepEqual(seen, [undefined, undefined]),
  );

  same(
    'is the very object that was entered, and the one before afterwards',
    (tracer) => {
      const given = ROOT_CONTEXT.setValue(KEY, 1);
      const before = context.active();
      const inside = context.with(given, () => {
        const inner = context.active().setValue(OTHER, 2);
        return [
          context.active() === given,
          context.with(inner, () => context.active() === inner),
          context.active() === given,
          tracer.startActiveSpan(
            'span',
            () => new Set([context.active(), context.active()]).size === 1,
          ),
        ];
      });
      return [...inside, context.active() === before];
    },
    (_spans, seen) => assert.deepEqual(seen, [true, true, true, true, true]),
  );

  same(
    'is kept by timers, promises and microtasks',
    async () =>
      context.with(ROOT_CONTEXT.setValue(KEY, 'kept'), async () => {
        const seen: unknown[] = [];
        setTimeout(() => seen.push(keyNow()), 1);
        queueMicrotask(() => seen.push(keyNow()));
        await tick();
        seen.push(keyNow());
        await new Promise((resolve) => setTimeout(resolve, 5));
        return seen;
      }),
    (_spans, seen) => assert.deepEqual(seen, ['kept', 'kept', 'kept']),
  );

  same(
    'is given to the function with its receiver and arguments, and what it returns or throws comes back',
    () => {
      const receiver = { name: 'this' };
      const fn = function (this: unknown, ...args: number[]): unknown {
        return [(this as { name: string } | undefined)?.name, ...args];
      };
      const thrown = (): unknown => {
        try {
          return context.with(ROOT_CONTEXT, () => {
            throw new Error('out');
          });
        } catch (error) {
          return String(error);
        }
      };
      return [context.with(ROOT_CONTEXT, fn as never, receiver as never, 1, 2), thrown()];
    },
    (_spans, seen) => assert.deepEqual(seen, [['this', 1, 2], 'Error: out']),
  );

  same(
    'is the root where something is entered that is no context',
    () => [
      context.with(undefined as never, keyNow),
      context.with(null as never, () => trace.getSpan(context.active() ?? ROOT_CONTEXT)),
    ],
    (_spans, seen) => assert.deepEqual(seen, [undefined, undefined]),
  );
});

describe('a context', () => {
  const derive = (base: Context): unknown[] => {
    const one = base.setValue(KEY, 1);
    const two = one.setValue(KEY, 2).setValue(OTHER, 'o');
    const deleted = two.deleteValue(KEY);
    const values = [one, two, deleted, base].map((each) => [
      each.getValue(KEY),
      each.getValue(OTHER),
    ]);
    return values;
  };
  const expected = [
    [1, undefined],
    [2, 'o'],
    [undefined, 'o'],
    [undefined, undefined],
  ];

  same(
    'is never changed, only derived from, in a span and outside',
    (tracer) => [
      derive(context.active()),
      tracer.startActiveSpan('span', () => derive(context.active())),
      derive(ROOT_CONTEXT),
    ],
    (_spans, seen) => assert.deepEqual(seen, [expected, expected, expected]),
  );

  same(
    'keeps its values when a span is set, and its span when values are set',
    (tracer) => {
      const a = tracer.startSpan('a');
      const b = tracer.startSpan('b');
      const withA = trace.setSpan(context.active(), a);
      const withValue = withA.setValue(KEY, 'v');
      const withB = trace.setSpan(withValue, b);
      const without = trace.deleteSpan(withB);
      return [withA, withValue, withB, without].map((each) => [
        [a, b].indexOf(trace.getSpan(each) as never),
        each.getValue(KEY),
      ]);
    },
    (_spans, seen) =>
      assert.deepEqual(seen, [
        [0, undefined],
        [0, 'v'],
        [1, 'v'],
        [-1, 'v'],
      ]),
  );
});

describe('bind', () => {
  same(
    'calls a function in the context, with its receiver, and keeps its length',
    () => {
      const fn = function (this: unknown, _a: number, b: number): unknown {
        return [keyNow(), this, b];
      };
      const bound = context.bind(ROOT_CONTEXT.setValue(KEY, 'bound'), fn);
      const receiver = {};
      const [value, self, b] = Reflect.apply(bound, receiver, [1, 2]) as unknown[];
      return [value, self === receiver, b, bound.length, bound === fn];
    },
    (_spans, seen) => assert.deepEqual(seen, ['bound', true, 2, 2, false]),
  );

  same(
    'gives back what is neither function nor emitter',
    () => {
      const target = { a: 1 };
      return [context.bind(ROOT_CONTEXT, target) === target, context.bind(ROOT_CONTEXT, 5)];
    },
    (_spans, seen) => assert.deepEqual(seen, [true, 5]),
  );

  same(
    'calls the listeners that are added to an emitter in the context',
    () => {
      const emitter = new EventEmitter();
      const seen: unknown[] = [];
      const bound = context.bind(ROOT_CONTEXT.setValue(KEY, 'bound'), emitter);
      const again = context.bind(ROOT_CONTEXT.setValue(KEY, 'again'), emitter);
      emitter.on('event', () => seen.push(['on', keyNow()]));
      emitter.once('event', () => seen.push(['once', keyNow()]));
      emitter.prependListener('event', () => seen.push(['prepended', keyNow()]));
      emitter.prependOnceListener('event', () => seen.push(['prepended once', keyNow()]));
      emitter.emit('event');
      emitter.emit('event');
      return [bound === emitter, again === emitter, seen];
    },
    (_spans, seen) =>
      assert.deepEqual(seen, [
        true,
        true,
        [
          ['prepended once', 'bound'],
          ['prepended', 'bound'],
          ['on', 'bound'],
          ['once', 'bound'],
          ['prepended', 'bound'],
          ['on', 'bound'],
        ],
      ]),
  );

  same(
    'lets listeners be removed by the functions that were added',
    () => {
      const emitter = context.bind(ROOT_CONTEXT.setValue(KEY, 'bound'), new EventEmitter());
      let calls = 0;
      const listener = (): unknown => calls++;
      emitter.on('a', listener).once('b', listener).on('c', listener).on('d', listener);
      emitter.off('a', listener);
      emitter.removeListener('b', listener);
      emitter.removeListener('c', () => {});
      const counts = ['a', 'b', 'c', 'd'].map((event) => emitter.listenerCount(event));
      emitter.removeAllListeners('c');
      emitter.removeAllListeners();
      const left = ['c', 'd'].map((event) => emitter.listenerCount(event));
      emitter.on('e', listener);
      emitter.emit('e');
      return [counts, left, calls];
    },
    (_spans, seen) => assert.deepEqual(seen, [[0, 0, 1, 1], [0, 0], 1]),
  );
});
