// The engine's HTTP protocol, asked as curl, ClickHouse's client and clickhouse-go would.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { startTestEngine, type TestEngine } from './running-engine.js';

describe('the engine over HTTP', () => {
  let test: TestEngine;
  before(async () => {
    test = await startTestEngine();
    await test.store.command('CREATE DATABASE venturi');
    await test.store.command(
      'CREATE TABLE venturi.t (a Int64, s String) ENGINE = MergeTree ORDER BY a',
    );
    await test.store.command("INSERT INTO venturi.t VALUES (1, 'one'), (2, 'two')");
  });
  after(async () => await test.stop());

  const key = (): Record<string, string> => ({ 'venturi-key': test.engine.key });

  it('answers /ping and an empty GET with Ok.', async () => {
    for (const path of ['/ping', '/']) {
      const response = await fetch(test.engine.url + path);
      assert.equal(response.status, 200);
      assert.equal(await response.text(), 'Ok.\n');
    }
    assert.equal((await fetch(`${test.engine.url}/elsewhere`)).status, 404);
  });

  it('takes a statement from the URL, from the body, and from both', async () => {
    const url = `${test.engine.url}/?query=${encodeURIComponent('SELECT 1 + 1')}`;
    assert.equal(await (await fetch(url)).text(), '2\n');
    assert.equal((await test.ask('SELECT 3')).text, '3\n');
    assert.equal((await test.ask('+ 1 FORMAT CSV', { url: 'query=SELECT+3' })).text, '4\n');
  });

  it('answers in the format that is asked for and names it', async () => {
    const asked = await test.ask('SELECT 1 AS a', { url: 'default_format=JSONEachRow' });
    assert.equal(asked.text, '{"a":1}\n');
    assert.equal(asked.headers.get('x-clickhouse-format'), 'JSONEachRow');
    const clause = await test.ask('SELECT 1 AS a FORMAT CSVWithNames SETTINGS max_threads = 1', {
      url: 'default_format=JSON',
    });
    assert.equal(clause.text, '"a"\n1\n');
    assert.equal(clause.headers.get('x-clickhouse-format'), 'CSVWithNames');
    assert.ok(JSON.parse(clause.headers.get('x-clickhouse-summary') ?? '').read_rows);
  });

  it('gives the query id that it was given', async () => {
    const reply = await test.ask('SELECT 1', { url: 'query_id=mine-1' });
    assert.equal(reply.headers.get('x-clickhouse-query-id'), 'mine-1');
  });

  it('applies the database, settings and parameters to one statement only', async () => {
    const sql = "SELECT getSetting('max_threads'), count(), {x:String} FROM t";
    const url = `database=venturi&max_threads=1&param_x=${encodeURIComponent("it's \\\\ a\\tb")}`;
    assert.equal((await test.ask(sql, { url })).text, "1\t2\tit\\'s \\\\ a\\tb\n");
    // More often than there are readers, so that each connection is asked again.
    for (let i = 0; i < 8; i += 1) {
      const plain = await test.ask("SELECT getSetting('max_threads') > 1, currentDatabase()");
      assert.match(plain.text, /\tdefault\n$/);
      const hole = await test.ask('SELECT {x:String}');
      assert.equal(hole.status, 400);
      assert.equal(hole.headers.get('x-clickhouse-exception-code'), '456');
    }
    assert.equal((await test.ask('SELECT 1', { url: 'no_such_setting=1' })).status, 404);
  });

  it('answers an exception with code, text and a fitting status', async () => {
    const cases: Array<[sql: string, status: number, code: number]> = [
      ['SELECT * FROM nope', 404, 60],
      ['SELECT nope', 404, 47],
      ['SELECT nonsense(', 400, 62],
      ['SELECT 1; SELECT 2', 400, 62],
      ['', 400, 62],
      ["SELECT toUInt8('x')", 400, 6],
      ['SELECT throwIf(1)', 500, 395],
    ];
    for (const [sql, status, code] of cases) {
      const reply = await test.ask(sql);
      assert.equal(reply.status, status, sql);
      assert.equal(reply.headers.get('x-clickhouse-exception-code'), String(code), sql);
      assert.match(reply.text, new RegExp(`^Code: ${code}\\. DB::Exception: `));
    }
  });

  it('compresses where it is asked to, and takes a compressed body', async () => {
    const body = await new Promise<Buffer>((resolve, reject) => {
      const sql = encodeURIComponent('SELECT number FROM numbers(1000)');
      request(
        `${test.engine.url}/?enable_http_compression=1&query=${sql}`,
        { headers: { 'accept-encoding': 'gzip' } },
        (response) => {
          assert.equal(response.headers['content-encoding'], 'gzip');
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve(Buffer.concat(chunks)));
        },
      )
        .on('error', reject)
        .end();
    });
    assert.equal(gunzipSync(body).toString().split('\n').length, 1001);
    const response = await fetch(test.engine.url, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync('SELECT 42'),
    });
    assert.equal(await response.text(), '42\n');
  });

  it('takes an INSERT with its data in the body, after the statement or after the URL', async () => {
    const native = await fetch(`${test.engine.url}/?default_format=Native`, {
      method: 'POST',
      body: "SELECT 10::Int64 AS a, 'ten' AS s",
    });
    const block = Buffer.from(await native.arrayBuffer());
    const insert = 'INSERT INTO venturi.t (a, s) FORMAT Native';
    const post = async (url: string, body: Buffer): Promise<Response> =>
      await fetch(test.engine.url + url, { method: 'POST', headers: key(), body });
    const byUrl = await post(`/?query=${encodeURIComponent(insert)}`, block);
    assert.equal(byUrl.status, 200, await byUrl.text());
    const inBody = await post('/', Buffer.concat([Buffer.from(`${insert}\n`), block]));
    assert.equal(inBody.status, 200, await inBody.text());
    const text = await test.ask('INSERT INTO venturi.t FORMAT CSV\n11,elf; FORMAT x\n', {
      headers: key(),
    });
    assert.equal(text.status, 200, text.text);
    const found = await test.ask('SELECT a, s FROM venturi.t WHERE a >= 10 ORDER BY a');
    assert.equal(found.text, '10\tten\n10\tten\n11\telf; FORMAT x\n');
  });

  it("answers clickhouse-go's hello in the revision that it asked with, and says revision 0", async () => {
    const sql = 'SELECT displayName(), version(), revision(), timezone()';
    const ask = async (url: string): Promise<Buffer> => {
      const response = await fetch(`${test.engine.url}/?${url}`, { method: 'POST', body: sql });
      return Buffer.from(await response.arrayBuffer());
    };
    const modern = await ask('client_protocol_version=54460&default_format=Native');
    assert.deepEqual([...modern.subarray(0, 10)], [1, 0, 2, 255, 255, 255, 255, 0, 4, 1]);
    assert.ok(modern.includes(Buffer.from('\x0arevision()\x06UInt32\0\0\0\0\0', 'latin1')));
    const old = await ask('default_format=Native');
    assert.deepEqual([...old.subarray(0, 2)], [4, 1]);
    assert.ok(old.includes(Buffer.from('\x0arevision()\x06UInt32\0\0\0\0', 'latin1')));
    const ping = await test.ask('SELECT 1', {
      url: 'client_protocol_version=54460&default_format=Native',
    });
    assert.equal(ping.text, '\x01\x01\x011\x05UInt8\x01');
  });

  it('refuses what it cannot do instead of doing something else', async () => {
    for (const url of ['session_id=x', 'compress=1', 'decompress=1']) {
      const reply = await test.ask('SELECT 1', { url });
      assert.equal(reply.status, 501, url);
    }
  });

  it('does not serve a name that a web page could have bound to this address', async () => {
    const status = await new Promise((resolve, reject) => {
      request(`${test.engine.url}/?query=SELECT+1`, { headers: { host: 'evil.example' } }, (r) => {
        r.resume();
        resolve(r.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(status, 403);
  });
});
