// `venturi cost` on a small service: what it prints and writes, and what it says where it cannot measure.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { processesLeft, ROOT } from './demo-run.js';
import { freePort } from './run-service.js';

interface Ending {
  code: number | null;
  stdout: string;
  stderr: string;
}

function cost(args: readonly string[], env: Record<string, string> = {}): Promise<Ending> {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'venturi.mjs'), 'cost', ...args], {
    cwd: join(ROOT, 'test', 'apps', 'cost-greeter'),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ending: Ending = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (ending.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (ending.stderr += String(chunk)));
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ ...ending, code }));
  });
}

describe('venturi cost', { concurrency: false }, () => {
  it('says how much CPU, memory and latency the agent adds, and leaves nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'venturi-cost-'));
    const json = join(folder, 'cost.json');
    const port = String(await freePort());
    const base = `http://127.0.0.1:${port}`;
    const sizes = ['--rounds', '2', '--requests', '200', '--connections', '4'];
    const args = ['--url', `${base}/a,${base}/broken`, ...sizes, '--json', json];
    const { code, stdout, stderr } = await cost([...args, '--', 'node', 'server.cjs'], {
      PORT: port,
      VENTURI_TEST_FOLDER: folder,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /median of 2 pairs of 200 requests/);
    assert.match(stdout, /CPU a request {3}µs {2}-?\d+\.\d {2}\(95 %: -?\d+\.\d to -?\d+\.\d\)/);
    assert.match(stdout, /Requests that failed: 200 without the agent, 200 with it\./);
    assert.match(stderr, /round 2 of 2: \d+\.\d µs of CPU a request without the agent/);
    const { rounds } = JSON.parse(readFileSync(json, 'utf8')) as {
      rounds: Record<'with' | 'without', { cpuMicrosPerRequest: number; rssBytes: number }>[];
    };
    for (const round of rounds) {
      for (const way of ['with', 'without'] as const) {
        assert.ok(round[way].cpuMicrosPerRequest > 1, JSON.stringify(round));
        assert.ok(round[way].rssBytes > 10_000_000, JSON.stringify(round));
      }
    }
    assert.deepEqual(await processesLeft(folder, 10_000), []);
    rmSync(folder, { recursive: true });
  });

  it('says so where the command ends, where nothing of Node.js runs, and where it is not told enough', async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;
    const ended = await cost(['--url', url, '--', 'node', '-e', '0']);
    assert.match(ended.stderr, /the command ended with 0/);
    assert.equal(ended.code, 1);
    const unknown = await cost(['--url', url, '--', 'no-such-program']);
    assert.match(unknown.stderr, /no-such-program: not found/);
    assert.equal(unknown.code, 1);
    for (const args of [
      ['--', 'node'],
      ['--url', 'here', '--', 'node'],
      ['--url', url],
    ]) {
      const { code, stderr } = await cost(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /venturi cost --url/);
    }
  });
});
