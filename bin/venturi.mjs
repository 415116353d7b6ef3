#!/usr/bin/env node
// The command `venturi`: finds the subcommands that the packages bring, and builds the project first where it is not built.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Packages whose `cli` entry exports `subcommands`, and the folder of each in the checkout. */
const packages = [{ name: '@venturi/collector', folder: 'collector' }];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js 20.19 or later is needed, this is ${process.versions.node}`, 1);
}

buildWhereMissing();
const subcommands = (
  await Promise.all(packages.map(async ({ name }) => (await import(`${name}/cli`)).subcommands))
).flat();

const [name, ...args] = process.argv.slice(2);
const subcommand = subcommands.find((one) => one.name === name);
if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
  process.stdout.write(help());
  process.exit(name === undefined ? 2 : 0);
}
if (!subcommand) fail(`there is no subcommand ${name}\n\n${help()}`, 2);
const own = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length);
if (own[0] === '--help' || own[0] === '-h') {
  process.stdout.write(`${subcommand.usage}\n`);
  process.exit(0);
}

try {
  const code = await subcommand.run(args);
  // Where there is none, the process lives on until it ends by itself.
  if (code !== undefined) process.exit(code);
} catch (error) {
  const isUsage = error?.constructor?.name === 'UsageError';
  fail(isUsage ? `${error.message}\n\n${subcommand.usage}` : error?.message, isUsage ? 2 : 1);
}

function help() {
  const lines = subcommands.map((one) => `  venturi ${one.name.padEnd(9)} ${one.summary}`);
  return `Names the bottleneck of a Node.js service.\n\n${lines.join('\n')}\n\nventuri <subcommand> --help says more.\n`;
}

function buildWhereMissing() {
  const missing = packages.some(
    ({ folder }) => !existsSync(join(root, folder, 'dist', 'src', 'cli', 'index.js')),
  );
  if (!missing) return;
  process.stderr.write('venturi: building it first, which takes a moment\n');
  const env = { ...process.env };
  delete env.NODE_OPTIONS;
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    env,
    // Standard output belongs to the user's command.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(`npm run build failed in ${root}`, 1);
}

function fail(message, code) {
  process.stderr.write(`venturi: ${message}\n`);
  process.exit(code);
}
