// The column list and the migrations say the same, asked of the engine itself.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TABLE_NAMES, TABLES } from '../../src/schema/columns.js';
import { TestEngine } from '../support/engine.js';

const engine = new TestEngine();
after(() => engine.close());

for (const table of TABLE_NAMES) {
  test(`every column of ${table} is in the list, and the list has no other`, () => {
    const stored = engine.rows<{ name: string; type: string }>(
      `SELECT name, type FROM system.columns WHERE database = 'venturi' AND table = '${table}'
       AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position`,
    );
    assert.deepEqual(
      TABLES[table].map(({ name, type }) => ({ name, type })),
      stored,
    );
  });
}
