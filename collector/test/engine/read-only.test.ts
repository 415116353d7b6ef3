// Without the key, nothing but reading tables is possible: each known hole is tried.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startTestEngine, type TestEngine } from './running-engine.js';

const secret = 'what-nobody-may-read';

describe('the side of the engine that only reads', () => {
  let test: TestEngine;
  let file = '';
  let outfile = '';
  before(async () => {
    test = await startTestEngine();
    await test.store.command('CREATE DATABASE venturi');
    await test.store.command('CREATE TABLE venturi.t (a Int64) ENGINE = MergeTree ORDER BY a');
    await test.store.command('INSERT INTO venturi.t VALUES (1)');
    file = join(test.dataDir, 'secret.txt');
    outfile = join(test.dataDir, 'out.txt');
    await writeFile(file, secret);
  });
  after(async () => await test.stop());

  it('takes statements that read', async () => {
    const statements = [
      'SELECT count() FROM venturi.t',
      'WITH 1 AS x SELECT x',
      '(SELECT 1) UNION ALL (SELECT 2)',
      '-- a comment\nSELECT 1',
      'SHOW TABLES FROM venturi',
      'DESCRIBE TABLE venturi.t',
      'EXISTS TABLE venturi.t',
      'EXPLAIN SELECT 1',
      'SELECT * FROM system.tables LIMIT 1',
      'SELECT 1 SETTINGS max_execution_time = 65',
      "SELECT a AS file FROM venturi.t WHERE toString(a) != '/file(x)'",
      'SELECT x.file, any(file), 1, file FROM (SELECT a AS file FROM venturi.t) AS x GROUP BY file ORDER BY file',
      "SELECT replaceRegexpAll('a\\\\d', '\\\\d', '')",
    ];
    for (const sql of statements) {
      const reply = await test.ask(sql);
      assert.equal(reply.status, 200, `${sql}: ${reply.text}`);
    }
  });

  const writes = [
    'INSERT INTO venturi.t VALUES (2)',
    'INSERT INTO venturi.t SELECT 2',
    'WITH 2 AS x INSERT INTO venturi.t SELECT x',
    'INSERT INTO venturi.t FORMAT CSV\n2\n',
    'CREATE TABLE venturi.u (a Int8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE u (a Int8)',
    'DROP TABLE venturi.t',
    'ALTER TABLE venturi.t DELETE WHERE 1',
    'TRUNCATE TABLE venturi.t',
    'OPTIMIZE TABLE venturi.t',
    'KILL QUERY WHERE 1',
    'SYSTEM STOP MERGES',
    'SET readonly = 0',
    'SET ROLE venturi_writer',
    'SET ROLE venturi_writer; nonsense(',
    'USE system',
    'EXECUTE AS default SELECT 1',
    'SELECT 1; INSERT INTO venturi.t VALUES (2)',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT 1 SETTINGS max_memory_usage = 1000000000000',
    'SELECT 1 SETTINGS max_execution_time = 0',
    "BACKUP TABLE venturi.t TO File('x')",
  ];
  for (const sql of writes) {
    it(`refuses ${sql.replaceAll('\n', ' ')}`, async () => {
      const reply = await test.ask(sql);
      assert.ok(reply.status >= 400, `${reply.status}: ${reply.text}`);
      assert.equal((await test.ask('SELECT count(), max(a) FROM venturi.t')).text, '1\t1\n');
    });
  }

  const leaks = [
    "SELECT * FROM file('FILE', 'LineAsString')",
    "SELECT * FROM (SELECT * FROM file('FILE', 'LineAsString') SETTINGS readonly = 0)",
    "SELECT * FROM `file`('FILE', 'LineAsString')",
    "SELECT * FROM 'FILE'",
    'SELECT * FROM `FILE`',
    "SELECT * FROM url('file://FILE', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', 'venturi', 't')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/k', 'CSV', 'a String')",
    "SELECT * FROM filesystem('FILE')",
    "SELECT * FROM executable('cat', 'LineAsString', 'a String')",
    "DESCRIBE TABLE file('FILE', 'LineAsString')",
    "SELECT file('FILE')",
    "SELECT `file`('FILE')",
    'SELECT "file"(\'FILE\')',
    "SELECT `\\x66ile`('FILE')",
    "SELECT arrayMap(file, ['FILE'])",
    "SELECT * APPLY file FROM (SELECT 'FILE')",
    "EXPLAIN QUERY TREE SELECT file('FILE')",
    "WITH 'x' AS file SELECT arrayMap(file, ['FILE'])",
    "SELECT arrayMap((file), ['FILE'])",
    "SELECT arrayMap(file AS x, ['FILE'])",
    "SELECT arrayMap(`file`, ['FILE'])",
    "SELECT * APPLY(file) FROM (SELECT 'FILE')",
    "WITH (x -> file(x)) AS f SELECT f('FILE')",
    "WITH file AS f SELECT arrayMap(f, ['FILE'])",
    "SELECT file/**/('FILE')",
    "SELECT 1 /* ' */ , file('FILE') -- '",
    "SELECT $x$ ' $x$, file('FILE'), ''",
    "SELECT ‘'’, file('FILE'), ‘'’",
    "SHOW TABLES FROM venturi WHERE file('FILE') != ''",
  ];
  for (const sql of leaks) {
    it(`does not read a file by ${sql}`, async () => {
      const reply = await test.ask(sql.replaceAll('FILE', file));
      assert.ok(reply.status >= 400, `${reply.status}: ${reply.text}`);
      assert.ok(!reply.text.includes(secret));
    });
  }

  it('does not read a file by a name that comes as a parameter', async () => {
    const sql = `SELECT arrayMap({f:Identifier}, ['${file}'])`;
    const reply = await test.ask(sql, { url: 'param_f=file' });
    assert.equal(reply.status, 403);
  });

  const outs = [
    "SELECT 1 INTO OUTFILE 'OUT'",
    "SELECT 1 INTO /* x */ OUTFILE 'OUT' FORMAT CSV",
    "SHOW TABLES INTO OUTFILE 'OUT'",
    "EXPLAIN SELECT 1 INTO OUTFILE 'OUT'",
    "SELECT 1 INTO OUTFILE 'OUT'; nonsense(",
    "SELECT 1 FORMAT CSV INTO OUTFILE 'OUT'",
    "INSERT INTO FUNCTION file('OUT', 'CSV', 'a Int8') VALUES (1)",
    "INSERT INTO venturi.t FROM INFILE 'OUT' FORMAT CSV",
  ];
  for (const sql of outs) {
    it(`does not write a file by ${sql}`, async () => {
      const reply = await test.ask(sql.replaceAll('OUT', outfile));
      assert.ok(reply.status >= 400, `${reply.status}: ${reply.text}`);
      assert.ok(!existsSync(outfile));
    });
  }

  it('refuses a wrong key', async () => {
    const reply = await test.ask('SELECT 1', { headers: { 'venturi-key': 'x'.repeat(32) } });
    assert.equal(reply.status, 403);
    assert.equal(reply.headers.get('x-clickhouse-exception-code'), '516');
  });

  it('takes files by name from the spool only, and with the key only', async () => {
    const spool = join(test.dataDir, 'spool');
    await mkdir(spool, { recursive: true });
    await writeFile(join(spool, 'good.csv'), '7\n');
    await symlink(file, join(spool, 'link.csv'));
    const insert = async (named: string, headers: Record<string, string> = {}) =>
      await test.ask('', {
        url: `query=${encodeURIComponent('INSERT INTO venturi.t FORMAT CSV')}`,
        headers: { 'venturi-file': encodeURIComponent(named), ...headers },
      });
    const key = { 'venturi-key': test.engine.key };
    assert.equal((await insert(join(spool, 'good.csv'))).status, 403);
    assert.equal((await insert(file, key)).status, 403);
    assert.equal((await insert(join(spool, 'link.csv'), key)).status, 403);
    assert.equal((await insert(join(spool, '../secret.txt'), key)).status, 403);
    assert.ok((await insert(join(spool, 'absent.csv'), key)).status >= 400);
    assert.equal((await insert(join(spool, 'good.csv'), key)).status, 200);
    assert.equal((await test.ask('SELECT max(a) FROM venturi.t')).text, '7\n');
  });
});
