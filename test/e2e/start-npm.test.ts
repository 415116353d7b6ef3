// `npm start` as it is typed into a terminal: Ctrl-C at any moment, and a killed npm, leave no process and no harm.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanUp, demoFolder, processesLeft, processesOf, ROOT, startByNpm } from './demo-run.js';

const START_MS = 120_000;
const END_MS = 20_000;
const ARGS = ['--plant', 'none'];
/** Collector, engine, PostgreSQL, supplier, three services, load and reaper; npm and its shell come on top. */
const PROCESSES_MIN = 10;
const ADDRESS = /Venturi: (http\S+)/;

const folder = demoFolder();
after(() => cleanUp(folder));

async function start() {
  const run = startByNpm(folder, ARGS);
  const url = (await run.printed(ADDRESS, START_MS))[1] ?? '';
  assert.ok(processesOf(folder).length >= PROCESSES_MIN, processesOf(folder).join('\n'));
  return { run, url };
}

/** Services with requests before `toMs`, as the page of this collector shows them. */
async function servicesUntil(url: string, toMs: number): Promise<string[]> {
  const uid = 'venturi-services';
  const dashboard = (await (await fetch(`${url}/api/v1/dashboards/${uid}`)).json()) as {
    panels: { id: number; type: string }[];
  };
  const panelId = dashboard.panels.find(({ type }) => type === 'table')?.id;
  const question = { dashboard: uid, panelId, refId: 'A', from: toMs - 900_000, to: toMs };
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...question, intervalMs: 10_000, variables: {} }),
  });
  const body = (await answer.json()) as { rows?: string[][] };
  assert.equal(answer.status, 200, JSON.stringify(body));
  return (body.rows ?? []).map(([service]) => service ?? '').sort();
}

test('Ctrl-C stops every process, and the next start finds the data', {
  timeout: 300_000,
}, async () => {
  const status = () => execFileSync('git', ['status', '--porcelain'], { cwd: ROOT }).toString();
  const statusBefore = status();
  const { run, url } = await start();
  const services = ['catalog', 'orders', 'storefront'];
  const deadline = Date.now() + 60_000;
  let seen: string[] = [];
  while (seen.length < services.length && Date.now() < deadline) {
    await delay(500);
    seen = await servicesUntil(url, Date.now());
  }
  assert.deepEqual(seen, services);
  run.signal('SIGINT');
  const stoppedMs = Date.now();
  await run.ended;
  // The prompt is back, so from here on nothing may write into it.
  assert.deepEqual(await processesLeft(folder, 0), []);
  assert.match(run.output(), /\nStopping\n/);
  assert.doesNotMatch(run.output(), /\n\s+at |Error/);
  assert.equal(status(), statusBefore);

  const again = await start();
  assert.deepEqual(await servicesUntil(again.url, stoppedMs), services);
  again.run.signal('SIGINT');
  await delay(100);
  again.run.signal('SIGINT');
  await again.run.ended;
  assert.deepEqual(await processesLeft(folder, END_MS), []);
});

for (const moment of [/Starting the collector/, /Starting PostgreSQL/, /Starting the shop/]) {
  test(`Ctrl-C right after "${moment.source}" stops it`, { timeout: 200_000 }, async () => {
    const run = startByNpm(folder, ARGS);
    await run.printed(moment, START_MS);
    run.signal('SIGINT');
    await run.ended;
    assert.deepEqual(await processesLeft(folder, END_MS), []);
    assert.doesNotMatch(run.output(), /\n\s+at |Error/);
  });
}

test('a killed npm leaves no process', { timeout: 200_000 }, async () => {
  const { run } = await start();
  run.process.kill('SIGKILL');
  assert.deepEqual(await processesLeft(folder, END_MS), []);
  await run.ended;
});
