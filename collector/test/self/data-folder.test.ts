// The lock of the data folder: one owner at a time, and no dead owner for ever.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockDataFolder, lockOwner } from '../../src/self/data-folder.js';
import { withFolder } from '../support/folders.js';

const lockOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));

test('the lock says who owns the folder and where it answers', () =>
  withFolder(async (folder) => {
    const lock = await lockDataFolder(join(folder, 'new'));
    await lock.announce({ port: 4318, url: 'http://127.0.0.1:4318' });
    const content = lockOf(join(folder, 'new'));
    assert.equal(content.pid, process.pid);
    assert.equal(content.url, 'http://127.0.0.1:4318');
    assert.equal((await lockOwner(join(folder, 'new')))?.port, 4318);
    await lock.release();
    assert.equal(existsSync(join(folder, 'new', 'lock')), false);
    assert.equal(await lockOwner(join(folder, 'new')), undefined);
  }));

test('a second owner is told who the first is', () =>
  withFolder(async (folder) => {
    const lock = await lockDataFolder(folder);
    await lock.announce({ port: 1, url: 'http://127.0.0.1:1' });
    await assert.rejects(lockDataFolder(folder), {
      code: 'DATA_DIR_LOCKED',
      message: new RegExp(`process ${process.pid} at http://127.0.0.1:1`),
    });
    await lock.release();
    await (await lockDataFolder(folder)).release();
  }));

test('a lock of a dead process, of a pid that was given out again, or of garbage is taken over', () =>
  withFolder(async (folder) => {
    const stale = [
      '{"pid":999999,"born":"1","port":1,"url":""}',
      `{"pid":${process.pid},"born":"1","port":1,"url":""}`,
      '{"pid":1,"born":"0","port":1,"url":""}',
      '',
    ];
    for (const content of stale) {
      writeFileSync(join(folder, 'lock'), content);
      const lock = await lockDataFolder(folder);
      assert.equal(lockOf(folder).pid, process.pid, content);
      await lock.release();
      assert.deepEqual(readdirSync(folder), []);
    }
  }));

test('of several that take over a stale lock at once, one gets it', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'lock'), '{"pid":999999,"born":"1"}');
    const tries = await Promise.allSettled([1, 2, 3, 4].map(() => lockDataFolder(folder)));
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
  }));

test('a folder that cannot be made is named', () =>
  withFolder(async (folder) => {
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(lockDataFolder(join(folder, 'file', 'below')), {
      code: 'DATA_DIR_UNUSABLE',
      message: /file\/below/,
    });
  }));
