// Launchers are looked through, programs that relay signals themselves are not.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { receiversOf } from '../../src/cli/signal-receivers.js';

const tree = (...rows: [pid: number, parent: number, command: string][]) =>
  rows.map(([pid, parent, command]) => ({ pid, parent, command }));

it('a plain program is sent the signal alone, since it passes it on to its workers itself', () => {
  const processes = tree([10, 1, 'node app.js'], [11, 10, '/usr/bin/node app.js']);
  assert.deepEqual(receiversOf(10, processes), [10]);
});

it('npx and its shell are looked through, tsx is not', () => {
  const processes = tree(
    [10, 1, 'npm exec tsx app.ts'],
    [11, 10, "sh -c 'tsx' app.ts"],
    [12, 11, 'node /x/node_modules/.bin/tsx app.ts'],
    [13, 12, '/usr/bin/node --require /x/tsx/preflight.cjs app.ts'],
    [20, 1, 'node other.js'],
  );
  assert.deepEqual(receiversOf(10, processes), [10, 11, 12]);
});

it('a package runner is known by its script too', () => {
  const processes = tree(
    [10, 1, 'node /usr/bin/npm run dev'],
    [11, 10, 'sh -c node app.js'],
    [12, 11, 'node app.js'],
  );
  assert.deepEqual(receiversOf(10, processes), [10, 11, 12]);
});

it('without a list of processes the root is sent the signal', () => {
  assert.deepEqual(receiversOf(10, []), [10]);
});
