// `npm start -- --once` names every planted bottleneck and nothing else, without a terminal, and leaves nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cleanUp, demoFolder, processesLeft, ROOT, startDemo } from './demo-run.js';

const folder = demoFolder();
after(() => cleanUp(folder));

interface Named {
  service: string;
  route: string;
  cause: string;
}

const placesIn = (file: string, list: (json: never) => Named[]): string[] =>
  list(JSON.parse(readFileSync(join(folder, file), 'utf8')) as never)
    .map(({ service, route, cause }) => `${service} ${route} ${cause}`)
    .sort();

function gitStatus(): string {
  return execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' });
}

test('the verdict is the truth, for every cause at once', { timeout: 240_000 }, async () => {
  const statusBefore = gitStatus();
  const begin = Date.now();
  const json = join(folder, 'verdict.json');
  const truth = join(folder, 'truth.json');
  const run = startDemo(folder, ['--once', '--json', json, '--truth', truth]);
  assert.equal(await run.ended, 0, run.output());
  assert.ok(Date.now() - begin < 180_000);

  const named = placesIn(
    'verdict.json',
    (verdict: { bottlenecks: Named[] }) => verdict.bottlenecks,
  );
  const planted = placesIn('truth.json', (entries: Named[]) => entries);
  assert.equal(planted.length, 6);
  assert.deepEqual(named, planted, run.output());
  for (const place of planted) {
    assert.ok(run.output().includes(place.split(' ').at(-1) ?? place), run.output());
  }
  assert.deepEqual(await processesLeft(folder, 15_000), []);
  assert.equal(gitStatus(), statusBefore);
});

test('nothing is named in a clean shop', { timeout: 200_000 }, async () => {
  const json = join(folder, 'clean.json');
  const run = startDemo(folder, ['--once', '--plant', 'none', '--duration', '30', '--json', json]);
  assert.equal(await run.ended, 0, run.output());
  assert.deepEqual(
    placesIn('clean.json', (verdict: { bottlenecks: Named[] }) => verdict.bottlenecks),
    [],
    run.output(),
  );
  assert.match(run.output(), /No bottleneck located/);
});
