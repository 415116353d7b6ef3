// Which batches are remembered, and for how long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batches, batchKey } from '../../src/receive/batches.js';

const stored = { rejected: 0, message: '' };

test('the batch that was asked for last is forgotten last', () => {
  const batches = new Batches(2);
  batches.remember('a', Promise.resolve(stored));
  batches.remember('b', Promise.resolve(stored));
  void batches.find('a');
  batches.remember('c', Promise.resolve(stored));
  assert.ok(batches.find('a'));
  assert.equal(batches.find('b'), undefined);
  assert.ok(batches.find('c'));
});

test('a batch that failed is forgotten, so that its retry is stored', async () => {
  const batches = new Batches(2);
  const failing = Promise.reject(new Error('disk'));
  batches.remember('a', failing);
  await assert.rejects(failing);
  assert.equal(batches.find('a'), undefined);
});

test('batches of an earlier run are known', async () => {
  const batches = new Batches(2);
  batches.restore([['a', 3]]);
  assert.equal((await batches.find('a'))?.rejected, 3);
});

test('a header that cannot be a key is no key', () => {
  assert.equal(batchKey('4f1c:12'), '4f1c:12');
  for (const header of [undefined, '', 'a b', 'ü', 'x'.repeat(129), ['a', 'b']]) {
    assert.equal(batchKey(header), undefined);
  }
});
