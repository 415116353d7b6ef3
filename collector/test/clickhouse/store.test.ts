// The store on the real engine: what it reads, what it stores once, and how it fails.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createStore } from '../../src/clickhouse/client.js';
import { migrate } from '../../src/clickhouse/migrate.js';
import { StoreError } from '../../src/clickhouse/store-error.js';
import { silent, startTestEngine, type TestEngine } from '../engine/running-engine.js';

const columns = ['tenant', 'service', 'ts', 'duration_ns', 'trace_id', 'name', 'kind', 'is_entry'];

/** Spans of one trace in Native, `rows` of them, a microsecond apart. */
async function spanBlock(test: TestEngine, rows: number): Promise<Buffer> {
  const sql = `SELECT 'default' AS tenant, 'shop' AS service,
      toDateTime64(now(), 9, 'UTC') + toIntervalMicrosecond(number) AS ts, toUInt64(number) AS duration_ns,
      toFixedString(unhex('0102030405060708090a0b0c0d0e0f10'), 16) AS trace_id, 'GET /' AS name,
      CAST('server', 'Enum8(\\'server\\' = 2)') AS kind, true AS is_entry
    FROM numbers(${rows})`;
  const response = await fetch(`${test.engine.url}/?default_format=Native`, {
    method: 'POST',
    body: sql,
  });
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

describe('the store', () => {
  let test: TestEngine;
  let spool = '';
  before(async () => {
    test = await startTestEngine();
    await migrate({ store: test.store, log: silent });
    spool = join(test.dataDir, 'spool');
    await mkdir(spool);
  });
  after(async () => await test.stop());

  const counts = async (): Promise<unknown[]> => {
    const { rows } = await test.store.query(`SELECT
      (SELECT count() FROM venturi.spans), (SELECT sum(spans) FROM venturi.trace_index),
      (SELECT sum(count) FROM venturi.red_10s), (SELECT sum(count) FROM venturi.red_1m),
      (SELECT sum(count) FROM venturi.red_1h)`);
    return rows[0] ?? [];
  };

  it('reads values of every size, with parameters that never become SQL', async () => {
    const { columns: names, rows } = await test.store.query(
      `SELECT {s:String} AS s, {n:UInt64} AS n, 18446744073709551615 AS big, [1::UInt64] AS list,
        map('k', 2::Int64) AS m, tuple(3::UInt64, 'x') AS t, NULL::Nullable(UInt64) AS nothing, nan AS nan`,
      { s: "'; DROP TABLE x -- \\ \t\n {y:String}", n: 5 },
    );
    assert.deepEqual(
      names.map(({ name }) => name),
      ['s', 'n', 'big', 'list', 'm', 't', 'nothing', 'nan'],
    );
    const text = "'; DROP TABLE x -- \\ \t\n {y:String}";
    assert.deepEqual(rows, [
      [text, 5, '18446744073709551615', [1], { k: 2 }, [3, 'x'], null, null],
    ]);
  });

  it('stores a spool file once for its token, rollups and all, however often it is sent', async () => {
    const file = join(spool, '000001-spans.native');
    // Blocks laid end to end are one insert, as the spool makes them.
    const block = await spanBlock(test, 100);
    await writeFile(file, Buffer.concat([block, block, block]));
    const insert = { table: 'venturi.spans', columns, source: { file }, token: '000001-spans' };
    for (let i = 0; i < 3; i += 1) await test.store.insertNative(insert);
    assert.deepEqual(await counts(), [300, 300, 300, 300, 300]);
    await test.store.insertNative({ ...insert, token: '000002-spans' });
    assert.deepEqual(await counts(), [600, 600, 600, 600, 600]);
  });

  it('streams a file or bytes to a server that has no spool', async () => {
    const server = createStore({
      url: test.engine.url.replace('//', '//anyone:any@'),
      log: silent,
    });
    await assert.rejects(server.insertNative(insertOf('t', Buffer.from('x'))), /Only statements/);
    await server.close();
    // With bytes the embedded engine goes the same way as a server: in the body.
    const [before = 0] = await counts();
    const bytes = await spanBlock(test, 10);
    await test.store.insertNative(insertOf('bytes-1', bytes));
    await test.store.insertNative(insertOf('bytes-1', bytes));
    assert.equal((await counts())[0], Number(before) + 10);
  });

  const insertOf = (token: string, bytes: Buffer) => ({
    table: 'venturi.spans',
    columns,
    source: { bytes },
    token,
  });

  it('says which failures are for ever', async () => {
    const fails = async (promise: Promise<unknown>, code: number, retryable: boolean) =>
      await assert.rejects(promise, (error: unknown) => {
        assert.ok(error instanceof StoreError, String(error));
        assert.equal(error.clickhouseCode, code, error.message);
        assert.equal(error.retryable, retryable);
        return true;
      });
    await fails(test.store.query('SELECT nope'), 47, false);
    await fails(test.store.command('DROP TABLE venturi.nope'), 60, true);
    const torn = (await spanBlock(test, 10)).subarray(0, 120);
    await fails(test.store.insertNative(insertOf('torn', torn)), 33, false);
    const [, unknown] = [0, insertOf('unknown', await spanBlock(test, 1))];
    const short = { ...unknown, columns: columns.slice(1) };
    await fails(test.store.insertNative(short), 117, false);
    await fails(
      test.store.query(
        'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)',
        {},
        { timeoutMs: 1000 },
      ),
      159,
      true,
    );
    const gone = createStore({ url: 'http://127.0.0.1:1', log: silent });
    await fails(gone.query('SELECT 1'), 0, true);
    await fails(gone.ping(), 0, true);
    await gone.close();
  });

  it('takes a 200 with an exception code for the failure that it is', async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'X-ClickHouse-Exception-Code': '241' });
      response.end('Code: 241. DB::Exception: Memory limit exceeded (MEMORY_LIMIT_EXCEEDED)');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const store = createStore({ url: `http://127.0.0.1:${port}`, log: silent });
    try {
      for (const promise of [
        store.query('SELECT 1'),
        store.command('SELECT 1'),
        store.insertNative(insertOf('x', Buffer.from('x'))),
      ]) {
        await assert.rejects(promise, (error: unknown) => {
          assert.ok(error instanceof StoreError, String(error));
          assert.equal(error.clickhouseCode, 241);
          assert.equal(error.retryable, true);
          return true;
        });
      }
    } finally {
      await store.close();
      server.close();
    }
  });
});
