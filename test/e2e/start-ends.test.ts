// However `npm start` ends, no process of it is left; and what it cannot do, it says in one line.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  cleanUp,
  type DemoRun,
  demoFolder,
  processesLeft,
  processesOf,
  startDemo,
} from './demo-run.js';

const START_MS = 90_000;
const END_MS = 20_000;

const folder = demoFolder();
after(() => cleanUp(folder));

/** Collector, engine, PostgreSQL, supplier, three services, load and reaper. */
const PROCESSES_MIN = 8;

async function startAndSeeAll(): Promise<{ run: DemoRun; url: string }> {
  const run = startDemo(folder, ['--plant', 'none']);
  const url = (await run.printed(/Venturi: (http\S+)/, START_MS))[1] ?? '';
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.ok(processesOf(folder).length >= PROCESSES_MIN, processesOf(folder).join('\n'));
  return { run, url };
}

test('Ctrl-C stops every process', { timeout: 180_000 }, async () => {
  const { run } = await startAndSeeAll();
  run.process.kill('SIGINT');
  assert.equal(await run.ended, 0, run.output());
  assert.deepEqual(await processesLeft(folder, 2_000), []);
});

test('a killed parent leaves no process, and the data can be used again', {
  timeout: 300_000,
}, async () => {
  const { run } = await startAndSeeAll();
  run.process.kill('SIGKILL');
  assert.equal(await run.ended, 'SIGKILL');
  assert.deepEqual(await processesLeft(folder, END_MS), []);
  const again = await startAndSeeAll();
  again.run.process.kill('SIGTERM');
  assert.equal(await again.run.ended, 0);
  assert.deepEqual(await processesLeft(folder, 2_000), []);
});

test('a data folder in use is refused in one line', { timeout: 180_000 }, async () => {
  const { run } = await startAndSeeAll();
  const second = startDemo(folder, ['--once']);
  assert.equal(await second.ended, 1, second.output());
  const complaint = second.output().trim().split('\n').at(-1) ?? '';
  assert.ok(complaint.includes(folder), second.output());
  assert.doesNotMatch(second.output(), /\n\s+at /);
  run.process.kill('SIGINT');
  assert.equal(await run.ended, 0);
});

test('a bad switch is refused in one line', async () => {
  const run = startDemo(folder, ['--plant', 'gremlins']);
  assert.equal(await run.ended, 2);
  assert.match(run.output(), /^--plant gremlins: [^\n]*\n$/);
});
