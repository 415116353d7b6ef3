// SQL without its values, and what it does to which table.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statementOf } from '../../src/instrumentation/sql.js';

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
