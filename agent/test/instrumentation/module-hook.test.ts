// What is said about libraries that were there before the agent.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { REGISTER } from '../support/app.js';

const ENV = { ...process.env, NODE_OPTIONS: '', VENTURI_ENDPOINT: 'http://127.0.0.1:1' };

function run(script: string): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: ENV,
    cwd: __dirname,
  });
}

describe('a library that was loaded before the agent', () => {
  it('is named in one line on stderr', () => {
    const { stdout, stderr, status } = run(
      `require('express'); require('pg'); require(${JSON.stringify(REGISTER)}); console.log('app');`,
    );
    assert.equal(stdout, 'app\n');
    assert.match(
      stderr,
      /^venturi: [^\n]*\bpg\b[^\n]*was loaded before the agent[^\n]*\[VENTURI_A002\]\n$/,
    );
    assert.match(stderr, /express|router/);
    assert.equal(status, 0);
  });

  it('is nobody where the agent came first', () => {
    const { stderr } = run(
      `require(${JSON.stringify(REGISTER)}); require('express'); require('pg');`,
    );
    assert.equal(stderr, '');
  });
});
