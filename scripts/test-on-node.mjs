// Runs the compiled tests on other Node versions (`node scripts/test-on-node.mjs 22 24 26 [-- part …]`).
// Each version comes as npm's platform package, kept under node_modules/.cache so that a second run finds it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeBinary } from './node-binary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const split = process.argv.indexOf('--');
const versions = process.argv.slice(2, split === -1 ? undefined : split);
const parts = split === -1 ? [] : process.argv.slice(split + 1);
if (versions.length === 0 || versions.some((version) => !/^\d+(\.\d+){0,2}$/.test(version))) {
  process.stderr.write('usage: node scripts/test-on-node.mjs VERSION… [-- PART-OF-A-PATH…]\n');
  process.exit(2);
}

let failed = false;
for (const version of versions) {
  const node = nodeBinary(version);
  process.stdout.write(`\n== Node ${version}: ${node}\n`);
  const { status } = spawnSync(node, [join(root, 'scripts/test.mjs'), ...parts], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(node, '..')}:${process.env.PATH}` },
  });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
