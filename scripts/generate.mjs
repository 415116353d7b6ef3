// Writes what is generated and committed, or with --check fails where it is stale. Needs a build (tsc -b) first.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const generators = ['dashboards/dist/src/generate.js', 'scripts/generate-reference.mjs'];

let failed = false;
for (const generator of generators) {
  const file = fileURLToPath(new URL(`../${generator}`, import.meta.url));
  const { status } = spawnSync(process.execPath, [file, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
