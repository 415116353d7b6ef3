// The spool: what was written is found again after a crash, and what is torn is set aside.
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createCounters } from '../../src/self/counters.js';
import { openSpool, type Spool } from '../../src/spool/spool.js';
import {
  createManualClock,
  type ManualClock,
  silentLog,
  until,
  withFolder,
} from '../support/folders.js';

const batchWindowMs = 60_000;

async function open(folder: string, clock: ManualClock = createManualClock()) {
  const counters = createCounters(() => clock.now());
  const spool = await openSpool({ folder, batchWindowMs, clock, counters, log: silentLog() });
  return { spool, counters, clock };
}

const block = (text: string, batches: [string, number][] = []) => ({
  tables: [{ table: 'spans' as const, rows: text.length, bytes: Buffer.from(text) }],
  batches,
});

function texts(spool: Spool): string[] {
  return spool.files('spans').map((file) => readFileSync(file.path, 'utf8'));
}

test('what was written is there after a restart, in order, with its rows and batches', () =>
  withFolder(async (folder) => {
    const { spool } = await open(folder);
    await spool.write(block('aaa', [['x:1', 0]]));
    await spool.write(block('bb', [['x:2', 7]]));
    assert.equal(spool.bytes, 5);
    spool.close();

    const again = await open(folder);
    assert.deepEqual(await again.spool.recover(), [
      ['x:1', 0],
      ['x:2', 7],
    ]);
    assert.deepEqual(texts(again.spool), ['aaa', 'bb']);
    assert.deepEqual(
      again.spool.files('spans').map(({ rows }) => rows),
      [3, 2],
    );
    assert.equal(again.spool.bytes, 5);
    again.spool.close();
  }));

test('a sealed file holds its members end to end and keeps its name over a restart', () =>
  withFolder(async (folder) => {
    const { spool } = await open(folder);
    for (const text of ['a', 'bb', 'ccc']) await spool.write(block(text));
    const sealed = await spool.seal(spool.files('spans').slice(0, 2));
    assert.equal(sealed.rows, 3);
    assert.equal(readFileSync(sealed.path, 'utf8'), 'abb');
    assert.ok(sealed.path.endsWith(`${sealed.token}.native`));
    assert.deepEqual(texts(spool), ['abb', 'ccc']);
    assert.equal((await spool.seal([sealed])).token, sealed.token);
    spool.close();

    const again = await open(folder);
    await again.spool.recover();
    assert.deepEqual(texts(again.spool), ['abb', 'ccc']);
    assert.equal(again.spool.files('spans')[0]?.token, sealed.token);
    assert.equal(again.spool.files('spans')[0]?.name.kind, 'sealed');
    again.spool.close();
  }));

test('a crash between the seal and the removal of its members does not double rows', () =>
  withFolder(async (folder) => {
    const { spool } = await open(folder);
    for (const text of ['a', 'bb']) await spool.write(block(text));
    const members = spool.files('spans').map(({ path }) => path);
    for (const path of members) await copyFile(path, `${path}.kept`);
    await spool.seal(spool.files('spans'));
    for (const path of members) {
      await copyFile(`${path}.kept`, path);
      await rm(`${path}.kept`);
    }
    spool.close();

    const again = await open(folder);
    await again.spool.recover();
    assert.deepEqual(texts(again.spool), ['abb']);
    assert.deepEqual(readdirSync(join(folder, 'spans')).length, 1);
    again.spool.close();
  }));

test('a crash while files are laid together leaves the files', () =>
  withFolder(async (folder) => {
    const { spool } = await open(folder);
    await spool.write(block('a'));
    writeFileSync(`${spool.files('spans')[0]?.path}.tmp`, 'half');
    spool.close();
    const again = await open(folder);
    await again.spool.recover();
    assert.deepEqual(texts(again.spool), ['a']);
    assert.equal(readdirSync(join(folder, 'spans')).length, 1);
    again.spool.close();
  }));

test('torn files are set aside with the reason, counted, and the others go on', () =>
  withFolder(async (folder) => {
    const { spool } = await open(folder);
    for (const text of ['short', 'flipped', 'sealed', 'good']) await spool.write(block(text));
    const [short, flipped, single] = spool.files('spans');
    assert.ok(short && flipped && single);
    const sealed = await spool.seal([single]);
    truncateSync(short.path, 2);
    writeFileSync(flipped.path, 'flippeD');
    appendFileSync(sealed.path, 'more');
    spool.close();

    const again = await open(folder);
    await again.spool.recover();
    assert.deepEqual(texts(again.spool), ['good']);
    assert.equal(again.counters.get('filesRejected'), 3);
    const rejected = readdirSync(join(folder, 'rejected'));
    assert.equal(rejected.filter((name) => name.endsWith('.native')).length, 3);
    assert.equal(rejected.filter((name) => name.endsWith('.error')).length, 3);
    again.spool.close();
  }));

test('a file without a whole receipt was never acknowledged and does not count', () =>
  withFolder(async (folder) => {
    const { spool } = await open(folder);
    await spool.write(block('acknowledged', [['x:1', 0]]));
    await spool.write(block('not acknowledged', [['x:2', 0]]));
    spool.close();
    const receipts = readdirSync(join(folder, 'blocks')).sort();
    const last = join(folder, 'blocks', receipts[1] ?? '');
    truncateSync(last, readFileSync(last).length - 4);

    const again = await open(folder);
    assert.deepEqual(await again.spool.recover(), [['x:1', 0]]);
    assert.deepEqual(texts(again.spool), ['acknowledged']);
    assert.equal(again.counters.get('filesRejected'), 2);
    again.spool.close();
  }));

test('batches of files that are in ClickHouse already are still known after a restart', () =>
  withFolder(async (folder) => {
    const clock = createManualClock();
    const { spool } = await open(folder, clock);
    await spool.write(block('a', [['x:1', 0]]));
    await spool.inserted(await spool.seal(spool.files('spans')));
    assert.equal(spool.bytes, 0);
    spool.close();
    const again = await open(folder, clock);
    assert.deepEqual(await again.spool.recover(), [['x:1', 0]]);
    clock.advance(batchWindowMs + 1);
    await again.spool.sweep();
    await until('it is forgotten', () => readdirSync(join(folder, 'blocks')).length === 0);
    again.spool.close();
  }));

test('a receipt stays as long as a file of its block is in the spool', () =>
  withFolder(async (folder) => {
    const { spool, clock } = await open(folder);
    await spool.write(block('a', [['x:1', 0]]));
    clock.advance(batchWindowMs * 10);
    await spool.sweep();
    assert.equal(readdirSync(join(folder, 'blocks')).length, 1);
    spool.close();
    const again = await open(folder, clock);
    assert.deepEqual(await again.spool.recover(), []);
    assert.deepEqual(texts(again.spool), ['a']);
    again.spool.close();
  }));

test('a block that cannot be written leaves nothing, and the next one can', () =>
  withFolder(async (folder) => {
    const { spool } = await open(folder);
    await rm(join(folder, 'metric_points'), { recursive: true });
    const tables = [
      { table: 'spans' as const, rows: 1, bytes: Buffer.from('a') },
      { table: 'metric_points' as const, rows: 1, bytes: Buffer.from('b') },
    ];
    await assert.rejects(spool.write({ tables, batches: [['x:1', 0]] }), {
      code: 'SPOOL_WRITE_FAILED',
      httpStatus: 503,
    });
    assert.deepEqual(readdirSync(join(folder, 'spans')), []);
    assert.deepEqual(readdirSync(join(folder, 'blocks')), []);
    assert.equal(spool.bytes, 0);
    await spool.write(block('c'));
    assert.deepEqual(texts(spool), ['c']);
    spool.close();
  }));

test('a file that can never be stored is set aside with the reason beside it', () =>
  withFolder(async (folder) => {
    const { spool, counters } = await open(folder);
    await spool.write(block('poison'));
    await spool.write(block('good'));
    const [first] = spool.files('spans');
    assert.ok(first);
    await spool.reject(await spool.seal([first]), 'Code: 33. DB::Exception: no');
    assert.deepEqual(texts(spool), ['good']);
    const rejected = readdirSync(join(folder, 'rejected')).sort();
    assert.match(rejected[0] ?? '', /^spans\..*\.native$/);
    assert.equal(
      readFileSync(join(folder, 'rejected', rejected[1] ?? ''), 'utf8'),
      'Code: 33. DB::Exception: no\n',
    );
    assert.equal(counters.get('rowsRejected'), 6);
    spool.close();
  }));

test('two lives of a collector never give the same name', () =>
  withFolder(async (folder) => {
    const clock = createManualClock();
    const tokens = new Set<string>();
    for (let life = 0; life < 3; life += 1) {
      const { spool } = await open(folder, clock);
      await spool.write(block('same'));
      const file = await spool.seal(spool.files('spans'));
      tokens.add(file.token);
      await spool.inserted(file);
      spool.close();
    }
    assert.equal(tokens.size, 3);
  }));
