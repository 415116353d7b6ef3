// The reaper ends what it watches when its pipe closes, gently first, and nothing else.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../engine/running-engine.js';
import { isAlive } from './venturi-process.js';

const reaper = fileURLToPath(new URL('../../src/cli/reaper.js', import.meta.url));
const client = new URL('../../src/cli/reaper-client.js', import.meta.url).href;

async function sleeper(handler = ''): Promise<ChildProcess> {
  const script = `${handler}; setInterval(() => undefined, 1000); process.stdout.write('up');`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function endingOf(child: ChildProcess): Promise<[number | null, string | null]> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return [child.exitCode, child.signalCode];
}

/**
 * Waits until a process has its handlers; false on systems where that cannot be seen. SIGQUIT is its
 * last one, and the only one of them that Node.js does not catch by itself while it starts.
 */
async function catchesSignals(child: ChildProcess): Promise<boolean> {
  const status = `/proc/${child.pid}/status`;
  if (!existsSync(status)) return false;
  const sigquit = 1n << 2n;
  return await eventually(() => {
    const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(status, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${caught}`) & sigquit) === 0n ? undefined : true;
  });
}

describe('the reaper', () => {
  it('sends SIGTERM or the signal it was told, SIGKILL where that is ignored, and forgets', async () => {
    const [plain, asked, stubborn, argued, forgotten] = await Promise.all([
      sleeper(),
      sleeper("process.on('SIGINT', () => process.exit(9))"),
      sleeper("process.on('SIGTERM', () => undefined)"),
      sleeper(),
      sleeper(),
    ]);
    const program = spawn(process.execPath, [reaper, String(argued.pid)], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    try {
      program.stdin.write(`watch ${plain.pid}\nwatch ${asked.pid} SIGINT\nwatch ${stubborn.pid}\n`);
      program.stdin.write(`watch ${forgotten.pid}\nforget ${forgotten.pid}\n`);
      program.stdin.write('watch 0\nwatch 1\nwatch -1\nwatch x\nnonsense\n');
      // It ignores what would take it away before its work is done.
      if (await catchesSignals(program)) {
        program.kill('SIGTERM');
        program.kill('SIGINT');
      }
      program.stdin.end();
      assert.deepEqual(await endingOf(plain), [null, 'SIGTERM']);
      assert.deepEqual(await endingOf(argued), [null, 'SIGTERM']);
      assert.deepEqual(await endingOf(asked), [9, null]);
      assert.deepEqual(await endingOf(stubborn), [null, 'SIGKILL']);
      assert.deepEqual(await endingOf(program), [0, null]);
      assert.ok(isAlive(forgotten.pid ?? 0));
    } finally {
      for (const child of [plain, asked, stubborn, argued, forgotten, program])
        child.kill('SIGKILL');
    }
  });

  it('outlives a killed parent for as long as it takes, and does not keep a living one alive', async () => {
    const victim = await sleeper();
    const script = `const { startReaper } = await import(${JSON.stringify(client)});
      const reaper = startReaper(); reaper.watch(${victim.pid}); process.stdout.write('up');`;
    const parent = (more: string): ChildProcess =>
      spawn(process.execPath, ['--input-type=module', '-e', script + more], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    try {
      const waiting = parent('setInterval(() => undefined, 1000);');
      if (waiting.stdout) await once(waiting.stdout, 'data');
      assert.ok(isAlive(victim.pid ?? 0));
      waiting.kill('SIGKILL');
      await eventually(() => (isAlive(victim.pid ?? 0) ? undefined : true));
      assert.deepEqual(await endingOf(parent('')), [0, null]);
    } finally {
      victim.kill('SIGKILL');
    }
  });
});
