// A service that was bundled: what is inside the bundle cannot be recorded, and the user is told.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { App } from '../support/app.js';

const RECORDED_AS_FILES = [
  'express',
  'ioredis',
  'koa',
  'mongodb',
  'mysql2',
  'pg',
  'redis',
  'winston',
];
const OLDEST = ['express4-low', 'ioredis-low', 'koa-low', 'mongodb-low', 'mysql2-low', 'pg-low'];

describe('a bundle', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'venturi-bundles-'));
  });
  after(() => rm(folder, { recursive: true }));

  const start = async (
    libraries: readonly string[],
    options: { minify?: boolean; packages?: 'external'; format?: 'esm' | 'cjs' } = {},
  ): Promise<string> => {
    const entry = join(folder, 'service.cjs');
    const calls = libraries.map((name) => `if (process.env.NEVER) require('${name}');\n`);
    await writeFile(entry, [...calls, "console.log('served');\n"].join(''));
    const { format = 'cjs' } = options;
    const outfile = join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
    await build({
      ...options,
      format,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'silent',
      nodePaths: [join(process.cwd(), 'node_modules')],
      external: ['*.node', 'pg-native', 'mongodb-client-encryption', 'snappy', 'kerberos', 'aws4'],
    });
    const { stdout, stderr } = await new App({ fixture: outfile }).ended;
    assert.equal(stdout, 'served\n', stderr);
    return stderr;
  };
  const named = (stderr: string): string[] =>
    (/venturi: (.*?) \(in .*VENTURI_A008/.exec(stderr)?.[1] ?? '').split(', ').sort();

  it('is told by what it has inside, minified or not, of the newest versions and of the oldest', async () => {
    const all = [
      '@redis/client',
      'express',
      'ioredis',
      'koa',
      'mongodb',
      'mysql2',
      'pg',
      'pg-pool',
    ];
    assert.deepEqual(named(await start(RECORDED_AS_FILES)), [...all, 'winston']);
    assert.deepEqual(named(await start(RECORDED_AS_FILES, { minify: true })), [...all, 'winston']);
    assert.deepEqual(named(await start(OLDEST, { minify: true })), all.slice(1));
  });

  it('of ES modules is told too', async () => {
    assert.deepEqual(named(await start(['express'], { format: 'esm' })), ['express']);
  });

  it('that leaves packages out is not', async () => {
    const stderr = await start(RECORDED_AS_FILES, { packages: 'external' });
    assert.equal(stderr, '');
  });
});
