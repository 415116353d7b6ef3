// Where the agent runs and where it stays out.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { type Host, refusal } from '../src/guard.js';
import { REGISTER } from './support/app.js';
import { fixturePath } from './support/stalls.js';

const HOST: Host = {
  argv: ['/usr/bin/node', '/srv/app/server.js'],
  execArgv: [],
  env: {},
  nodeVersion: '20.19.0',
  isChosenThread: true,
};
const withScript = (script: string): Host => ({ ...HOST, argv: ['node', script] });

describe('the guard', () => {
  it('lets a service through', () => {
    for (const script of [
      '/srv/app/server.js',
      '/srv/app/src/dotenv.js',
      '/home/npm/app.js',
      '/srv/bin/www',
      '/srv/node_modules/next/dist/bin/next',
      // What runs the application under PM2.
      '/usr/lib/node_modules/pm2/lib/ProcessContainer.js',
      '/usr/lib/node_modules/pm2/lib/ProcessContainerFork.js',
    ]) {
      assert.equal(refusal(withScript(script)), undefined, script);
    }
  });

  it('stays out of tools', () => {
    for (const script of [
      '/usr/lib/node_modules/npm/bin/npm-cli.js',
      '/usr/lib/node_modules/npm/bin/npx-cli.js',
      '/usr/bin/yarn',
      '/srv/.yarn/releases/yarn-4.1.0.cjs',
      '/usr/lib/node_modules/corepack/dist/pnpm.js',
      '/srv/node_modules/.bin/tsc',
      '/srv/node_modules/typescript/bin/tsc',
      '/srv/node_modules/.bin/tsx',
      '/srv/node_modules/tsx/dist/cli.mjs',
      '/srv/node_modules/.bin/eslint',
      '/usr/lib/node_modules/pm2/bin/pm2',
      '/usr/lib/node_modules/pm2/lib/Daemon.js',
      '/srv/node_modules/eslint/bin/eslint.js',
      '/srv/node_modules/prettier/bin/prettier.cjs',
      'C:\\app\\node_modules\\npm\\bin\\npm-cli.js',
    ]) {
      assert.equal(refusal(withScript(script)), 'tool', script);
    }
  });

  it('stays out of worker threads, watchers, test runners and old versions of Node', () => {
    assert.equal(refusal({ ...HOST, isChosenThread: false }), 'worker thread');
    assert.equal(refusal({ ...HOST, execArgv: ['--test'] }), 'test runner');
    assert.equal(refusal({ ...HOST, execArgv: ['--watch'] }), 'watcher');
    assert.equal(refusal({ ...HOST, execArgv: ['--watch-path=src'] }), 'watcher');
    for (const nodeVersion of ['18.20.0', '20.18.3']) {
      assert.equal(refusal({ ...HOST, nodeVersion }), 'old node');
    }
    for (const nodeVersion of ['20.19.0', '22.0.0', '26.1.0']) {
      assert.equal(refusal({ ...HOST, nodeVersion }), undefined);
    }
  });

  it('runs in the child of a watcher', () => {
    const env = { WATCH_REPORT_DEPENDENCIES: '1' };
    assert.equal(refusal({ ...HOST, execArgv: ['--watch'], env }), undefined);
  });

  it('is switched off by the environment', () => {
    for (const env of [
      { VENTURI_ENABLED: 'false' },
      { VENTURI_ENABLED: '0' },
      { OTEL_SDK_DISABLED: 'true' },
    ]) {
      assert.equal(refusal({ ...HOST, env }), 'switched off');
    }
    assert.equal(refusal({ ...HOST, env: { VENTURI_ENABLED: 'true' } }), undefined);
  });
});

describe('the agent', () => {
  /** What an application sees of a process, and the agent's files that were loaded into it. */
  const look = (nodeArgs: string[], enabled: string): { state: string; loaded: string[] } => {
    const env = { PATH: process.env.PATH, VENTURI_ENABLED: enabled };
    const args = [...nodeArgs, fixturePath('untouched.cjs')];
    const { stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
    const loaded = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as string[];
    return { state: stdout, loaded: loaded.filter((file) => file.includes('agent/dist')) };
  };
  const names = (files: string[]): string[] => files.map((file) => basename(file));

  it('leaves a process as it is where it is switched off, and loads two files', () => {
    const off = look(['--require', REGISTER], 'false');
    assert.equal(off.state, look([], 'false').state);
    assert.deepEqual(names(off.loaded), ['register.js', 'guard.js']);
  });

  it('is one file more where it runs, because files are what a start waits for', () => {
    const { loaded } = look(['--require', REGISTER], 'true');
    assert.deepEqual(names(loaded), ['register.js', 'guard.js', 'start.js']);
  });
});
