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

// Two files at a time, as many as a CI machine has cores; but those that measure time have the machine to themselves.
const sharing = /agent\/dist\/test\/(api|config|instrumentation|oracle|otlp|regression)\//;
const measuring =
  /instrumentation\/(koa|mongodb|mysql2|outgoing|pg|redis|repeats|shop|slow-steps|undici)\.test\.js$/;
const isSharing = (file) => sharing.test(file) && !measuring.test(file);

let failed = false;
run(files.filter(isSharing), 2);
run(
  files.filter((file) => !isSharing(file)),
  1,
);
process.exit(failed ? 1 : 0);

function run(group, concurrency) {
  if (group.length === 0) return;
  const { status, signal } = spawnSync(
    process.execPath,
    ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec', ...group],
    { cwd: root, stdio: 'inherit' },
  );
  if (signal) process.kill(process.pid, signal);
  failed ||= status !== 0;
}
