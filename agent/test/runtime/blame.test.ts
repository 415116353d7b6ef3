// Which function and which request is chosen among samples, and how a silence is cut and measured.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SpanKind } from '../../src/otlp/names.js';
import { blame, blamedEntry } from '../../src/runtime/blame.js';
import type { Frame, Owner } from '../../src/runtime/frame.js';
import { blockedMs, type Gap } from '../../src/runtime/gap.js';
import { cut, type WeighedSample } from '../../src/runtime/segments.js';
import { victimsOf } from '../../src/runtime/victims.js';
import { weigh } from '../../src/runtime/weigh.js';
import type { EntrySpan, Span } from '../../src/trace/span.js';
import { startEntry } from '../../src/trace/tracer.js';

const TRUSTED = { oversleptMs: 0, isTrusted: true };
const THRESHOLD_MS = 50;

function frame(functionName: string, more: Partial<Frame> = {}): Frame {
  const owner: Owner = 'application';
  const place = { file: '/app/a.js', line: 1, column: 1, beginLine: 1, beginColumn: 1 };
  return { functionName, owner, isAtEntry: false, ...place, ...more };
}

function sample(frames: Frame[], more: Partial<WeighedSample> = {}): WeighedSample {
  return { atMs: 0, lateMs: 0, queuedMs: 0, span: undefined, weightMs: 30, frames, ...more };
}

function gap(more: Partial<Gap>): Gap {
  const times = { endMs: 1000, busyMs: 100, cpuMs: 100, queuedMs: 0, lateMs: 80 };
  const before = { queuedBeforeMs: 0, oversleptBeforeMs: 0, isWitnessed: true };
  return { ...times, ...before, samples: [], bystanders: [], ...more };
}

function entryAt(startMs: number): EntrySpan {
  return startEntry({ name: 'GET', kind: SpanKind.SERVER, startMs });
}

describe('the blamed function', () => {
  it('is the deepest that was on the stack for more than half of the time', () => {
    const handler = frame('handler');
    const total = frame('total');
    const samples = [
      sample([frame('round'), total, handler]),
      sample([frame('add'), total, handler]),
      sample([total, handler]),
    ];
    assert.equal(blame(samples)?.functionName, 'total');
  });

  it('is found also where the heaviest sample came when it had just returned', () => {
    const handler = frame('handler', { line: 19 });
    const samples = [
      sample([frame('hash'), handler], { weightMs: 25 }),
      sample([frame('hash'), handler], { weightMs: 28 }),
      sample([frame('write', { owner: 'runtime' }), handler], { weightMs: 31 }),
    ];
    assert.equal(blame(samples)?.functionName, 'hash');
  });

  it('is weighed by time and not by the number of samples', () => {
    const samples = [
      sample([frame('a')]),
      sample([frame('a')]),
      sample([frame('b')], { weightMs: 400 }),
    ];
    assert.equal(blame(samples)?.functionName, 'b');
  });

  it('is the one of the application that called a dependency, at the line of the call', () => {
    const lib = frame('sort', { owner: 'dependency', file: '/app/node_modules/x/i.js' });
    const found = blame([sample([lib, frame('rank', { line: 7 }), frame('handler')])]);
    assert.deepEqual([found?.functionName, found?.line], ['rank', 7]);
  });

  it("is a dependency's where the application was not on the stack", () => {
    const node = frame('emit', { owner: 'runtime', file: 'node:events' });
    const lib = frame('flush', { owner: 'dependency', file: '/app/node_modules/x/i.js' });
    assert.equal(blame([sample([node, lib])])?.functionName, 'flush');
  });

  it('is the caller where a late answer shows a function that has only just begun', () => {
    const innocent = frame('next', { isAtEntry: true });
    const samples = [sample([innocent, frame('parse')], { lateMs: 90, weightMs: 120 })];
    const found = blame(samples);
    assert.deepEqual([found?.functionName, found?.isNative], ['parse', true]);
    assert.equal(blame([sample([innocent, frame('parse')])])?.functionName, 'next');
  });

  it('tells functions without a name apart by where they begin', () => {
    const outer = frame('', { beginLine: 10 });
    const samples = [
      sample([frame('', { beginLine: 20 }), frame('', { beginLine: 5, line: 6 }), outer]),
      sample([frame('', { beginLine: 30 }), frame('', { beginLine: 5, line: 6 }), outer]),
    ];
    assert.equal(blame(samples)?.line, 6);
  });

  it('is nobody where nothing was seen', () => {
    assert.equal(blame([]), undefined);
  });
});

describe('a silence', () => {
  it('is cut where one request takes over from another, at the moment when that began', () => {
    const first = entryAt(1000);
    const second = entryAt(1110);
    const at = (atMs: number, span: Span): WeighedSample => sample([frame('f')], { atMs, span });
    const samples = [at(1030, first), at(1090, first), at(1130, second), at(1190, second)];
    const segments = cut({ startMs: 1000, endMs: 1200, samples }, THRESHOLD_MS);
    assert.deepEqual(
      segments.map((s) => [s.startMs, s.endMs, blamedEntry(s.samples) === first]),
      [
        [1000, 1110, true],
        [1110, 1200, false],
      ],
    );
  });

  it('of many short requests stays in one piece', () => {
    const samples = [10, 40, 70].map((ms) =>
      sample([frame('f')], { atMs: 1000 + ms, span: entryAt(1000 + ms - 5) }),
    );
    const segments = cut({ startMs: 1000, endMs: 1090, samples }, THRESHOLD_MS);
    assert.deepEqual(
      segments.map((s) => [s.startMs, s.endMs]),
      [[1000, 1090]],
    );
  });

  it('holds up the requests in flight, each as long as it was there, and not the one that ran', () => {
    const runner = entryAt(900);
    const ended = entryAt(900);
    ended.end(1050);
    const others = [runner, entryAt(990), entryAt(1080), ended];
    const victims = victimsOf({ startMs: 1000, endMs: 1100, runner }, others);
    assert.equal(victims.count, 3);
    assert.ok(Math.abs(victims.ms - (100 + 20 + 50)) < 0.01);
  });
});

describe('the weight of a sample', () => {
  const weights = (samples: Partial<WeighedSample>[], queuedMs = 0) => {
    const taken = samples.map((more) => sample([frame('f')], more));
    return weigh(gap({ busyMs: 62, queuedMs, samples: taken }), 1000).map(
      ({ weightMs }) => weightMs,
    );
  };

  it('is half of the time to its neighbours, and all of the time to the ends', () => {
    assert.deepEqual(weights([{ atMs: 1027 }, { atMs: 1057 }]), [42, 20]);
    assert.deepEqual(weights([{ atMs: 1027 }]), [62]);
    assert.deepEqual(weights([]), []);
  });

  it('is all of the time for which its answer was late', () => {
    assert.deepEqual(weights([{ atMs: 1010 }, { atMs: 1060, lateMs: 40 }]), [15, 47]);
  });

  it('leaves out the time in which the thread had no CPU', () => {
    assert.deepEqual(weights([{ atMs: 1010 }, { atMs: 1050, queuedMs: 20 }], 20), [20, 22]);
  });
});

describe('the length of a stall', () => {
  const lengthOf = (more: Partial<Gap>, witness = TRUSTED): number =>
    blockedMs(gap(more), witness, THRESHOLD_MS);

  it('is all of a silence in which the thread computed', () => {
    assert.equal(lengthOf({}), 100);
  });

  it('is nothing where the thread waited for a CPU and needed little of it', () => {
    assert.equal(lengthOf({ busyMs: 500, cpuMs: 20, queuedMs: 480 }), 0);
  });

  it('counts waiting for a CPU up to the length of the work itself', () => {
    assert.equal(lengthOf({ busyMs: 500, cpuMs: 100, queuedMs: 400 }), 200);
    assert.equal(lengthOf({ busyMs: 130, cpuMs: 100, queuedMs: 30 }), 130);
  });

  it('counts a synchronous wait, unless the worker stood still as well', () => {
    assert.equal(lengthOf({ busyMs: 300, cpuMs: 5 }), 300);
    assert.equal(lengthOf({ busyMs: 300, cpuMs: 5 }, { oversleptMs: 280, isTrusted: true }), 0);
  });

  it('counts no time asleep where nobody can vouch for it', () => {
    assert.equal(lengthOf({ busyMs: 300, cpuMs: 5 }, { oversleptMs: 0, isTrusted: false }), 0);
  });
});
