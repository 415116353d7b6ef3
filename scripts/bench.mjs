// Runs a bench by name (`npm run bench -- agent …`): builds, installs what the bench itself needs, and passes the rest on.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = '', ...rest] = process.argv.slice(2);
const folder = join(root, name, 'bench');
if (name === '' || !existsSync(join(folder, 'run.mjs'))) {
  process.stderr.write('usage: npm run bench -- agent [--help]\n');
  process.exit(2);
}
run('npm', ['run', '--silent', 'build'], root);
if (!existsSync(join(folder, 'node_modules'))) {
  run('npm', ['ci', '--silent', '--no-audit', '--no-fund'], folder);
}
run(process.execPath, [join(folder, 'run.mjs'), ...rest], root);

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
