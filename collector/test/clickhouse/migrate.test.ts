// Migrations on the real engine: once each, after a crash as well, and never a changed one in silence.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../src/clickhouse/migrate.js';
import { readMigrations, repeatable } from '../../src/clickhouse/migrations-folder.js';
import type { Store } from '../../src/clickhouse/store.js';
import { VenturiError } from '../../src/self/errors.js';
import { silent, startTestEngine, type TestEngine } from '../engine/running-engine.js';

const shipped = fileURLToPath(new URL('../../../src/schema/migrations', import.meta.url));

/** A store whose process dies after so many commands, before (`lost`) or after the last took effect. */
function dyingStore(store: Store, commandsLeft: number, lost: boolean): Store {
  let left = commandsLeft;
  return {
    ...store,
    async command(sql, options) {
      left -= 1;
      if (left < 0 || (left === 0 && lost)) throw new Error('killed');
      await store.command(sql, options);
      if (left === 0) throw new Error('killed');
    },
  };
}

describe('migrations', () => {
  let test: TestEngine;
  let folder = '';
  before(async () => {
    test = await startTestEngine();
  });
  beforeEach(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
    folder = await mkdtemp(join(tmpdir(), 'venturi-migrations-'));
    await test.store.command('DROP DATABASE IF EXISTS venturi SYNC');
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    await test.stop();
  });

  const run = async (store: Store = test.store): Promise<void> =>
    await migrate({ store, log: silent, folder });
  const fails = async (promise: Promise<void>, pattern: RegExp): Promise<void> =>
    await assert.rejects(promise, (error: unknown) => {
      assert.ok(error instanceof VenturiError);
      assert.equal(error.code, 'MIGRATION_FAILED');
      assert.match(error.message, pattern);
      return true;
    });

  it('creates every table that is shipped, and does nothing the second time', async () => {
    await migrate({ store: test.store, log: silent });
    const tables = async (): Promise<unknown> =>
      (
        await test.store.query('SELECT name, uuid FROM system.tables WHERE database = {d:String}', {
          d: 'venturi',
        })
      ).rows;
    const first = await tables();
    await migrate({ store: test.store, log: silent });
    assert.deepEqual(await tables(), first);
    const { rows } = await test.store.query(
      'SELECT count(DISTINCT version) FROM venturi.schema_migrations',
    );
    assert.deepEqual(rows, [[(await readdir(shipped)).length]]);
  });

  it('goes on where a crash at any statement has left it', async () => {
    await cp(shipped, folder, { recursive: true });
    const statements = (await readMigrations(folder)).flatMap((migration) => migration.statements);
    const commands = 2 + (await readMigrations(folder)).length + 2 * statements.length;
    // Each pass dies a few commands later than the one before, until one comes through.
    for (let alive = 2, passes = 0; ; alive += 5, passes += 1) {
      try {
        await run(dyingStore(test.store, alive, passes % 2 === 0));
        break;
      } catch (error) {
        assert.match(String(error), /killed/);
      }
      assert.ok(passes < commands);
    }
    await run();
    const { rows } = await test.store.query(
      "SELECT count() FROM system.tables WHERE database = 'venturi' AND name NOT LIKE '.inner%'",
    );
    const created = statements.filter((statement) => /CREATE/.test(statement)).length;
    assert.deepEqual(rows, [[created + 1]]);
  });

  it('applies a new file to an old database, and refuses a changed or unknown one', async () => {
    const one = join(folder, '0001-one.sql');
    const two = join(folder, '0002-two.sql');
    await writeFile(one, 'CREATE TABLE venturi.one (a Int8) ENGINE = Memory;');
    await run();
    await writeFile(two, "INSERT INTO venturi.one VALUES (1); -- a ';' in a comment\n");
    await run();
    await run();
    assert.deepEqual((await test.store.query('SELECT count() FROM venturi.one')).rows, [[1]]);
    await writeFile(one, 'CREATE TABLE venturi.one (a Int16) ENGINE = Memory;');
    await fails(run(), /0001-one\.sql was changed after it was applied/);
    await writeFile(one, 'CREATE TABLE venturi.one (a Int8) ENGINE = Memory;');
    await rm(two);
    await fails(run(), /0002-two\.sql, which this version does not know/);
  });

  it('names the statement that failed', async () => {
    await writeFile(join(folder, '0001-x.sql'), 'SELECT 1;\nCREATE TABLE venturi.x (a Nope);');
    await fails(run(), /statement 2 of 0001-x\.sql.*Nope/s);
  });

  it('makes statements repeatable and leaves the others as they are', () => {
    assert.equal(repeatable('CREATE TABLE a (b Int8)'), 'CREATE TABLE IF NOT EXISTS a (b Int8)');
    assert.equal(
      repeatable('-- why\nCREATE MATERIALIZED VIEW a TO b AS SELECT 1'),
      '-- why\nCREATE MATERIALIZED VIEW IF NOT EXISTS a TO b AS SELECT 1',
    );
    const already = 'CREATE TABLE IF NOT EXISTS a (b Int8)';
    assert.equal(repeatable(already), already);
    assert.equal(repeatable('ALTER TABLE a ADD COLUMN c Int8'), 'ALTER TABLE a ADD COLUMN c Int8');
  });
});
