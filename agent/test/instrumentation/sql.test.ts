// SQL without its values, and what it does to which table.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { statementOf } from '../../src/instrumentation/sql.js';

const mysqlText = (sql: string): string => statementOf(sql, 'mysql').text;
const mysqlName = (sql: string): string => statementOf(sql, 'mysql').spanName;
const text = (sql: string): string => statementOf(sql).text;
const name = (sql: string): string => statementOf(sql).spanName;

describe('obfuscation', () => {
  const cases: [string, string][] = [
    ["SELECT * FROM t WHERE a = 'x' AND b = 5", 'SELECT * FROM t WHERE a = ? AND b = ?'],
    ['SELECT * FROM t WHERE a = $1 AND b = $12', 'SELECT * FROM t WHERE a = $1 AND b = $12'],
    ["SELECT 'it''s', E'a\\'b', $$body$$, $tag$ $$ $tag$", 'SELECT ?, ?, ?, ?'],
    ["SELECT X'1f', B'01', N'x', U&'x', 1.5e-3, .5, 0xff", 'SELECT ?, ?, ?, ?, ?, ?, ?'],
    ['SELECT a1, "b 2", t3.c4 FROM t3', 'SELECT a1, "b 2", t3.c4 FROM t3'],
    ['SELECT 1 -- secret 2\n, 3 /* secret /* nested */ 4 */ + 5', 'SELECT ? , ? + ?'],
    ['SELECT\n  a,\t b\nFROM  t', 'SELECT a, b FROM t'],
    ['SELECT * FROM t WHERE a IN (1, 2, 3)', 'SELECT * FROM t WHERE a IN (?)'],
    ['SELECT * FROM t WHERE a in ($1,$2)', 'SELECT * FROM t WHERE a IN (?)'],
    ['INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)', 'INSERT INTO t (a, b) VALUES ($1, $2)'],
    ["SELECT '2020-01-01'::date - INTERVAL '1 day'", 'SELECT ?::date - INTERVAL ?'],
    ["SELECT 'never closed", 'SELECT ?'],
    ['SELECT /* never closed', 'SELECT'],
    ['', ''],
  ];
  for (const [sql, expected] of cases) {
    it(JSON.stringify(sql), () => assert.equal(text(sql), expected));
  }

  it('bounds what it returns', () => {
    assert.equal(text(`SELECT ${'column_name, '.repeat(10_000)} 1`).length, 4096);
  });
});

describe("obfuscation by MySQL's rules", () => {
  const cases: [string, string][] = [
    ['SELECT * FROM t WHERE a = "secret" AND b = \'x\'', 'SELECT * FROM t WHERE a = ? AND b = ?'],
    ['SELECT "it""s", "say \\"secret\\" 1", \'a\\\'b\'', 'SELECT ?, ?, ?'],
    ["SELECT '\\\\', b, 'c'", 'SELECT ?, b, ?'],
    ['SELECT `a``b`, `t`.`c "d"` FROM `t`', 'SELECT `a``b`, `t`.`c "d"` FROM `t`'],
    ['SELECT 1 # secret 2\n, 3', 'SELECT ? , ?'],
    ['SELECT 1 -- secret 2\n, 3--\n, 4 --', 'SELECT ? , ? , ?'],
    ["SELECT 5--1, 'secret'", 'SELECT ?--?, ?'],
    ['SELECT 1 /* secret /* 2 */ + 5', 'SELECT ? + ?'],
    ["SELECT /*!40001 SQL_NO_CACHE 'secret' */ a", 'SELECT SQL_NO_CACHE ? a'],
    ["SELECT /*M!100100 b, 'secret' */ a /*! c */", 'SELECT b, ? a c'],
    ["SELECT 2*/* secret */3, '*/', 4", 'SELECT ?* ?, ?, ?'],
    ["SELECT _utf8mb4'secret', N'x', x'1f', b'01', 0xff", 'SELECT _utf8mb4?, ?, ?, ?, ?'],
    ["SELECT c->'$.secret' FROM t WHERE $$ = 1", 'SELECT c->? FROM t WHERE $$ = ?'],
    ['SELECT @a := 5, @@sql_mode', 'SELECT @a := ?, @@sql_mode'],
    ['SELECT * FROM ?? WHERE id = ? AND b = :name', 'SELECT * FROM ?? WHERE id = ? AND b = :name'],
    ['SELECT "never closed', 'SELECT ?'],
    ['INSERT INTO t VALUES (1, "a"), (2, "b")', 'INSERT INTO t VALUES (?, ?)'],
  ];
  for (const [sql, expected] of cases) {
    it(JSON.stringify(sql), () => assert.equal(mysqlText(sql), expected));
  }

  it("is kept apart from PostgreSQL's reading of the same text", () => {
    const sql = 'SELECT "which"';
    assert.equal(text(sql), sql);
    assert.equal(mysqlText(sql), 'SELECT ?');
    assert.equal(text(sql), sql);
  });
});

describe('the fingerprint', () => {
  const fingerprint = (sql: string): string => statementOf(sql).fingerprint;

  it('is the upper half of a SHA-256 that anybody can compute from the text', () => {
    const hash = createHash('sha256').update('SELECT * FROM t WHERE a = ?').digest('hex');
    assert.equal(fingerprint('SELECT * FROM t WHERE a = 5'), hash.slice(0, 16));
  });

  it('does not depend on values, comments, white space or the length of a list', () => {
    const one = fingerprint("SELECT a FROM t WHERE b IN (1, 2) AND c = 'x'");
    assert.equal(fingerprint("SELECT a\n FROM t /* 7 */ WHERE b IN (3,4,5) AND c = 'y'"), one);
    assert.notEqual(fingerprint("SELECT a FROM t WHERE b IN (1, 2) AND d = 'x'"), one);
  });

  it('tells statements apart that differ behind what is sent', () => {
    const long = `SELECT ${'column_name, '.repeat(500)}`;
    assert.equal(text(`${long} a`), text(`${long} b`));
    assert.notEqual(fingerprint(`${long} a`), fingerprint(`${long} b`));
  });
});

describe("operation and table by MySQL's rules", () => {
  const cases: [string, string][] = [
    ['SELECT * FROM `shop`.`order items`', 'SELECT shop.order items'],
    ['INSERT IGNORE INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2', 'INSERT t'],
    ['REPLACE INTO `t` VALUES (1)', 'REPLACE t'],
    ['UPDATE LOW_PRIORITY IGNORE t SET a = 1', 'UPDATE t'],
    ['DELETE QUICK FROM t', 'DELETE t'],
    ['SELECT id INTO @found FROM t', 'SELECT t'],
    ["LOAD DATA LOCAL INFILE 'x' INTO TABLE t", 'LOAD t'],
    ['START TRANSACTION', 'START'],
    ['SHOW TABLES FROM shop', 'SHOW shop'],
  ];
  for (const [sql, expected] of cases) {
    it(JSON.stringify(sql), () => assert.equal(mysqlName(sql), expected));
  }
});

describe('operation and table', () => {
  const cases: [string, string][] = [
    ['select * from products where id = 1', 'SELECT products'],
    ['SELECT * FROM shop.products p JOIN orders o ON o.id = p.id', 'SELECT shop.products'],
    ['SELECT * FROM "Order Items"', 'SELECT Order Items'],
    ['INSERT INTO orders(id) VALUES (1) ON CONFLICT DO UPDATE SET id = 2', 'INSERT orders'],
    ['UPDATE ONLY stock SET n = 1 FROM x', 'UPDATE stock'],
    ['DELETE FROM carts', 'DELETE carts'],
    ['WITH a AS (SELECT 1 FROM b) UPDATE c SET d = 1', 'UPDATE c'],
    ['WITH a AS (INSERT INTO b VALUES (1)) SELECT * FROM a', 'SELECT a'],
    ['SELECT count(*) FROM (SELECT 1 FROM inner_table) x', 'SELECT inner_table'],
    ['SELECT extract(epoch FROM created) FROM orders FOR UPDATE', 'SELECT orders'],
    ['SELECT * FROM generate_series(1, 10)', 'SELECT'],
    ['SELECT 1', 'SELECT'],
    ['BEGIN', 'BEGIN'],
    ['CREATE TABLE IF NOT EXISTS t (id int)', 'CREATE t'],
    ['', 'query'],
  ];
  for (const [sql, expected] of cases) {
    it(JSON.stringify(sql), () => assert.equal(name(sql), expected));
  }
});
