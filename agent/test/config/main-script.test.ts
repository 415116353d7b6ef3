// The application's main script, where a process manager's own comes before it.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mainScript } from '../../src/config/main-script.js';

it('the main script is the one that was started', () => {
  assert.equal(mainScript({ argv: ['node', '/srv/app.js'], env: {} }), '/srv/app.js');
  assert.equal(mainScript({ argv: ['node'], env: {} }), '');
});

it('under PM2 it is the one that was to be started', () => {
  const env = { pm_exec_path: '/srv/app.js' };
  for (const file of ['ProcessContainer.js', 'ProcessContainerFork.js']) {
    const argv = ['node', `/usr/lib/node_modules/pm2/lib/${file}`];
    assert.equal(mainScript({ argv, env }), '/srv/app.js');
  }
  const argv = ['node', '/usr/lib/node_modules/pm2/lib/ProcessContainer.js'];
  const packed = { pm2_env: JSON.stringify({ pm_exec_path: '/srv/app.js' }) };
  assert.equal(mainScript({ argv, env: packed }), '/srv/app.js');
  assert.equal(mainScript({ argv, env: { pm2_env: '{' } }), argv[1]);
  // A process that the application itself starts inherits the environment.
  assert.equal(mainScript({ argv: ['node', '/srv/job.js'], env }), '/srv/job.js');
});
