// The numbers by which executions of a statement are compared.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hashExecution, hashValues, NO_VALUES } from '../../src/instrumentation/value-hash.js';

describe('values', () => {
  it('that are the same have the same number', () => {
    const values = (): unknown[] => [7, 'ann', null, true, 1.5, 10n, new Date(5)];
    assert.equal(hashValues(values()), hashValues(values()));
    assert.notEqual(hashValues(values()), 0);
  });

  it('that differ have different ones', () => {
    const lists = [
      ...[[1], [2], [1.5], ['1'], [true], [false], [null], ['ann'], ['nan'], [1, 2], [2, 1]],
      ...[['a'.repeat(80)], ['a'.repeat(81)], [new Date(1)], [2 ** 40], ['ab', 'c'], ['a', 'bc']],
      ...Array.from({ length: 5000 }, (_, i) => [i + 100]),
    ];
    assert.equal(new Set(lists.map((values) => hashValues(values))).size, lists.length);
    const statements = new Set(lists.map((_, id) => hashExecution(id, NO_VALUES)));
    assert.equal(statements.size, lists.length);
  });

  it('are not known where comparing them would cost much', () => {
    assert.equal(hashValues([{ a: 1 }]), 0);
    assert.equal(hashValues([Buffer.alloc(4)]), 0);
    assert.equal(hashValues({ named: 1 }), 0);
    assert.equal(hashValues(Array.from({ length: 100 }, () => 1)), 0);
    assert.equal(hashValues([]), NO_VALUES);
    assert.equal(hashValues(undefined), NO_VALUES);
  });
});
