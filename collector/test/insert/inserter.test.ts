// The inserter: when files are sent, how failures are retried, and what flush promises.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Inserter } from '../../src/insert/inserter.js';
import type { InsertTarget } from '../../src/insert/source.js';
import { createCounters } from '../../src/self/counters.js';
import { openSpool } from '../../src/spool/spool.js';
import {
  createManualClock,
  type ManualClock,
  silentLog,
  until,
  withFolder,
} from '../support/folders.js';

interface Sent {
  token: string;
  text: string;
}

/** A real spool, a clock that stands still, and a ClickHouse that answers as told. */
async function setUp(folder: string, answer: (sent: Sent) => Promise<void> | void = () => {}) {
  const clock = createManualClock();
  const counters = createCounters(() => clock.now());
  const log = silentLog();
  const spool = await openSpool({ folder, batchWindowMs: 60_000, clock, counters, log });
  const sent: Sent[] = [];
  const target: InsertTarget = {
    async insertNative({ source, token }) {
      const one = { token, text: readFileSync(source.file, 'utf8') };
      sent.push(one);
      await answer(one);
    },
  };
  let intervalMs = 5000;
  const inserter = new Inserter({
    ...{ source: spool, target, clock, counters, log },
    ...{ insertRows: 10, intervalMs: () => intervalMs, retryMinMs: 100, retryMaxMs: 1000 },
  });
  const write = async (text: string, rows = text.length): Promise<void> => {
    await spool.write({
      tables: [{ table: 'spans', rows, bytes: Buffer.from(text) }],
      batches: [],
    });
    inserter.wake();
  };
  const texts = (): string[] => sent.map(({ text }) => text);
  const setInterval = (ms: number): void => {
    intervalMs = ms;
  };
  return { clock, counters, spool, inserter, sent, texts, write, setInterval };
}

/** Moves time once the inserter has seen all that happened before. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  await rest();
  clock.advance(ms);
}

/** Lets what is under way come to rest: real file operations, but no time of the clock. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const failure = (retryable: boolean): Error => Object.assign(new Error('no'), { retryable });

test('files wait for their age, then go as one under a name that covers them', () =>
  withFolder(async (folder) => {
    const { clock, texts, write, spool, inserter, counters } = await setUp(folder);
    await write('aa');
    await write('bb');
    await rest();
    assert.deepEqual(texts(), []);
    await pass(clock, 5000);
    await until('it was sent', () => counters.get('insertsDone') === 1);
    assert.deepEqual(texts(), ['aabb']);
    assert.equal(counters.get('rowsInserted'), 4);
    await until('the file is gone', () => spool.bytes === 0);
    await inserter.stop();
    spool.close();
  }));

test('enough rows go at once, and no insert holds more than that', () =>
  withFolder(async (folder) => {
    const { texts, write, inserter, spool, counters } = await setUp(folder);
    await write('aaaa');
    await write('bbbb');
    await rest();
    assert.deepEqual(texts(), []);
    await write('cccc');
    await until('it was sent', () => counters.get('insertsDone') === 1);
    await rest();
    assert.deepEqual(texts(), ['aaaabbbb']);
    await inserter.stop();
    spool.close();
  }));

test('what failed is sent again as it was, under the same token, whatever came since', () =>
  withFolder(async (folder) => {
    let failures = 2;
    const { clock, sent, texts, write, inserter, spool, counters } = await setUp(folder, () => {
      failures -= 1;
      if (failures >= 0) throw failure(true);
    });
    await write('aa');
    await pass(clock, 5000);
    await until('it failed', () => counters.get('insertsRetried') === 1);
    await write('bb');
    await pass(clock, 100);
    await until('it failed again', () => counters.get('insertsRetried') === 2);
    await pass(clock, 200);
    await until('it went in', () => counters.get('insertsDone') === 1);
    assert.deepEqual(texts(), ['aa', 'aa', 'aa']);
    assert.equal(new Set(sent.map(({ token }) => token)).size, 1);
    await pass(clock, 5000);
    await until('the other went in', () => counters.get('insertsDone') === 2);
    assert.equal(texts().at(-1), 'bb');
    await inserter.stop();
    spool.close();
  }));

test('a poison block is set aside and those behind it go on', () =>
  withFolder(async (folder) => {
    const { texts, write, inserter, spool, counters } = await setUp(folder, ({ text }) => {
      if (text.startsWith('poison')) throw failure(false);
    });
    await write('poison-----');
    await until('it was set aside', () => counters.get('filesRejected') === 1);
    await write('good-------');
    await until('the good one went in', () => counters.get('insertsDone') === 1);
    assert.deepEqual(texts(), ['poison-----', 'good-------']);
    assert.equal(spool.bytes, 0);
    await inserter.stop();
    spool.close();
  }));

test('while ClickHouse is away only a few files are sealed, so that the others can still grow', () =>
  withFolder(async (folder) => {
    let isAway = true;
    const { clock, sent, write, inserter, spool, counters } = await setUp(folder, () => {
      if (isAway) throw failure(true);
    });
    for (let index = 0; index < 8; index += 1) {
      await write('x'.repeat(10));
      await pass(clock, 2000);
      await rest();
    }
    assert.equal(new Set(sent.map(({ token }) => token)).size, 3);
    isAway = false;
    await inserter.flush();
    assert.equal(counters.get('rowsInserted'), 80);
    assert.equal(spool.bytes, 0);
    await inserter.stop();
    spool.close();
  }));

test('flush resolves when what came before it is in, and does not wait for later files', () =>
  withFolder(async (folder) => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { write, inserter, spool, texts } = await setUp(folder, async ({ text }) => {
      if (text === 'later') await held;
    });
    await write('a');
    await write('b');
    await inserter.flush();
    assert.deepEqual(texts(), ['ab']);
    await inserter.flush();
    await write('later');
    const flushed = inserter.flush();
    await until('it is being sent', () => texts().length === 2);
    release();
    await flushed;
    await inserter.stop();
    spool.close();
  }));

test('a flush that takes too long says so, and the rows stay in the spool', () =>
  withFolder(async (folder) => {
    const { clock, write, inserter, spool, counters } = await setUp(folder, () => {
      throw failure(true);
    });
    await write('a');
    const flushed = inserter.flushWithin(1000);
    await until('it was tried', () => counters.get('insertsRetried') > 0);
    await pass(clock, 1000);
    await assert.rejects(flushed, { code: 'FLUSH_TIMEOUT' });
    assert.equal(spool.bytes, 1);
    await inserter.stop();
    spool.close();
  }));

test('a shorter interval counts from the next look on', () =>
  withFolder(async (folder) => {
    const { clock, write, inserter, spool, counters, setInterval } = await setUp(folder);
    await write('a');
    await pass(clock, 600);
    await rest();
    assert.equal(counters.get('insertsDone'), 0);
    setInterval(500);
    inserter.wake();
    await until('it was sent', () => counters.get('insertsDone') === 1);
    await inserter.stop();
    spool.close();
  }));
