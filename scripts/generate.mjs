// Writes what is generated and committed, or with --check fails where it is stale. Needs a build (tsc -b) first.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const generator = fileURLToPath(new URL('../dashboards/dist/src/generate.js', import.meta.url));
const { status } = spawnSync(process.execPath, [generator, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
