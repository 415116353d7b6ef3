// What happens to the engine around its statements: start, queue, cancel, stop, kill, restart.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../src/engine/launch.js';
import { VenturiError } from '../../src/self/errors.js';
import { eventually, makeFolder, silent, startTestEngine } from './running-engine.js';

const endless = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the engine as a process', () => {
  it('keeps its data over a stop and a kill -9', async () => {
    const dataDir = await makeFolder();
    try {
      const first = await startTestEngine({ dataDir });
      await first.store.command('CREATE DATABASE venturi');
      await first.store.command('CREATE TABLE venturi.t (a Int64) ENGINE = MergeTree ORDER BY a');
      await first.store.command('INSERT INTO venturi.t VALUES (1)');
      await first.stop();
      assert.equal(isAlive(first.engine.pid), false);

      const second = await startTestEngine({ dataDir });
      await second.store.command('INSERT INTO venturi.t VALUES (2)');
      process.kill(second.engine.pid, 'SIGKILL');
      assert.equal(await second.engine.exited, false);
      await second.stop();

      const third = await startTestEngine({ dataDir });
      const { rows } = await third.store.query('SELECT count(), sum(a) FROM venturi.t');
      await third.stop();
      assert.deepEqual(rows, [[2, 3]]);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('ends when its parent is killed, even in the middle of a statement', async () => {
    const dataDir = await makeFolder();
    const script = `
      const { startTestEngine } = await import(${JSON.stringify(new URL('./running-engine.js', import.meta.url).href)});
      const test = await startTestEngine({ dataDir: ${JSON.stringify(dataDir)} });
      test.ask(${JSON.stringify(endless)}).catch(() => undefined);
      process.stdout.write(test.engine.pid + ' ' + test.engine.url + '\\n');
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const line = await new Promise<string>((resolve) =>
        parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
      );
      const pid = Number(line.split(' ')[0]);
      assert.ok(isAlive(pid));
      parent.kill('SIGKILL');
      await eventually(() => (isAlive(pid) ? undefined : true), 10_000);
    } finally {
      parent.kill('SIGKILL');
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('says that another process has the folder', async () => {
    const first = await startTestEngine();
    try {
      const again = startEngine({
        dataDir: first.dataDir,
        port: 0,
        portSearch: false,
        log: silent,
      });
      await assert.rejects(again, (error: unknown) => {
        assert.ok(error instanceof VenturiError);
        assert.equal(error.code, 'DATA_DIR_LOCKED');
        assert.match(error.message, new RegExp(`process ${first.engine.pid} `));
        return true;
      });
      assert.equal((await first.ask('SELECT 1')).text, '1\n');
    } finally {
      await first.stop();
    }
  });

  it('takes the next free port where it may, and says so where it may not', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as AddressInfo;
    const dataDir = await makeFolder();
    try {
      await assert.rejects(
        startEngine({ dataDir, port, portSearch: false, log: silent }),
        (error: unknown) => error instanceof VenturiError && error.code === 'PORT_TAKEN',
      );
      const engine = await startEngine({ dataDir, port, portSearch: true, log: silent });
      assert.ok(Number(new URL(engine.url).port) > port);
      await engine.stop();
    } finally {
      blocker.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('works in a folder with blanks and quotes, and refuses one that reads as a pattern', async () => {
    const base = await makeFolder();
    try {
      const odd = join(base, `it's a "folder" <&>`);
      const test = await startTestEngine({ dataDir: odd });
      await test.store.command('CREATE DATABASE venturi');
      await test.store.command('CREATE TABLE venturi.t (a Int64) ENGINE = MergeTree ORDER BY a');
      const inserted = await test.ask('INSERT INTO venturi.t FORMAT CSV\n1\n2\n', {
        headers: { 'venturi-key': test.engine.key },
      });
      assert.equal(inserted.status, 200, inserted.text);
      assert.deepEqual((await test.store.query('SELECT count() FROM venturi.t')).rows, [[2]]);
      await test.stop();

      const glob = join(base, 'a{1}');
      await mkdir(glob);
      await assert.rejects(
        startEngine({ dataDir: glob, port: 0, portSearch: false, log: silent }),
        (error: unknown) => error instanceof VenturiError && error.code === 'DATA_DIR_UNUSABLE',
      );
      assert.equal(existsSync(join(glob, 'engine')), false);
    } finally {
      await rm(base, { recursive: true, force: true });
    }
  });

  it('loads nothing by NODE_OPTIONS, which is meant for the service', async () => {
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = `--require ${fileURLToPath(new URL('./no-such-file.js', import.meta.url))}`;
    try {
      const test = await startTestEngine();
      await test.stop();
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
  });
});

describe('the statements that wait', () => {
  it('answers 503 when too many wait, and cancels a statement whose client is gone', async () => {
    const test = await startTestEngine({ limits: { readers: 1, waitingMax: 1 } });
    try {
      const client = new AbortController();
      const running = test.ask(endless, { signal: client.signal }).catch(() => undefined);
      await eventually(async () => {
        const state = await test
          .ask('SELECT 1', { signal: AbortSignal.timeout(100) })
          .catch(() => undefined);
        return state === undefined ? true : undefined;
      });
      const waiting = test.ask('SELECT 2');
      const refused = await eventually(async () => {
        const reply = await test
          .ask('SELECT 3', { signal: AbortSignal.timeout(300) })
          .catch(() => undefined);
        return reply?.status === 503 ? reply : undefined;
      });
      assert.equal(refused.headers.get('x-clickhouse-exception-code'), '202');
      assert.equal(refused.headers.get('retry-after'), '1');
      client.abort();
      await running;
      assert.equal((await waiting).text, '2\n');
    } finally {
      await test.stop();
    }
  });

  it('stops a statement at its own time limit and at the default one', async () => {
    const test = await startTestEngine({ limits: { readSecondsDefault: 1 } });
    try {
      const started = performance.now();
      const reply = await test.ask(endless);
      assert.equal(reply.status, 408);
      assert.equal(reply.headers.get('x-clickhouse-exception-code'), '159');
      assert.ok(performance.now() - started < 10_000);
    } finally {
      await test.stop();
    }
  });

  it('limits the memory of a statement and the bytes of a result, and lives on', async () => {
    const test = await startTestEngine({ limits: { resultBytesMax: 1024 * 1024 } });
    try {
      const big = await test.ask('SELECT number FROM numbers(10000000)');
      assert.equal(big.headers.get('x-clickhouse-exception-code'), '396');
      const hungry = await test.ask(
        'SELECT length(groupArray(toString(number))) FROM numbers(100000000) SETTINGS max_block_size = 1000000',
      );
      assert.equal(hungry.headers.get('x-clickhouse-exception-code'), '241', hungry.text);
      assert.equal((await test.ask('SELECT 1')).text, '1\n');
    } finally {
      await test.stop();
    }
  });

  it('answers a SELECT while a long INSERT runs', async () => {
    const test = await startTestEngine();
    try {
      await test.store.command('CREATE DATABASE venturi');
      await test.store.command('CREATE TABLE venturi.t (a UInt64) ENGINE = MergeTree ORDER BY a');
      let inserting = true;
      const insert = test.store
        .command('INSERT INTO venturi.t SELECT sipHash64(number) FROM numbers(20000000)')
        .finally(() => {
          inserting = false;
        });
      const took: number[] = [];
      while (inserting && took.length < 20) {
        const started = performance.now();
        await test.ask('SELECT 1');
        if (inserting) took.push(performance.now() - started);
      }
      await insert;
      took.sort((a, b) => a - b);
      assert.ok(took.length >= 3, `${took.length} statements ran beside the INSERT`);
      assert.ok((took[Math.floor(took.length / 2)] ?? Infinity) < 500, took.join(' '));
    } finally {
      await test.stop();
    }
  });
});
