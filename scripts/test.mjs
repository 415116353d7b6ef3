// Runs every compiled test with Node's own runner; arguments narrow the files by a part of their path.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = [
  'agent/dist/test',
  'collector/dist/test',
  'dashboards/dist/test',
  'deploy/demo/dist/test',
  'test/dist',
];
const wanted = process.argv.slice(2);

const files = folders
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, name)),
  )
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

// One file at a time: several of them start servers and measure time, and a CI machine has two cores.
const { status, signal } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files],
  { cwd: root, stdio: 'inherit' },
);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
