// Each mistake in the command line gets one clear line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions, UsageError } from '../src/options.js';

test('no switches: every cause, until Ctrl-C', () => {
  const options = readOptions([]);
  assert.equal(options.once, false);
  assert.equal(options.scenario.plants.length, 6);
});

test('the switches of a bounded run', () => {
  const args = ['--once', '--duration', '20', '--json', 'v.json', '--truth', 't.json'];
  const options = readOptions([...args, '--plant', 'gc, n_plus_one']);
  assert.equal(options.durationSeconds, 20);
  assert.equal(options.jsonFile, 'v.json');
  assert.equal(options.truthFile, 't.json');
  assert.deepEqual(
    options.scenario.plants.map(({ name }) => name),
    ['gc', 'n_plus_one'],
  );
  assert.deepEqual(readOptions(['--plant', 'none']).scenario.plants, []);
  assert.equal(readOptions(['--seed', '12']).scenario.seed, 12);
});

const mistakes: [string[], RegExp][] = [
  [['--nonsense'], /--nonsense/],
  [['stray'], /stray/],
  [['--seed', 'x'], /^--seed x: not a whole number/],
  [['--seed', '1', '--plant', 'gc'], /one of the two/],
  [['--faint'], /--faint needs --seed/],
  [['--plant', 'gremlins'], /^--plant gremlins: not one of none, n_plus_one/],
  [['--json', 'v.json'], /--json needs --once/],
  [['--once', '--duration', '5'], /from 10 to 600/],
  [['--duration', '50'], /--duration needs --once/],
  [['--once', '--json='], /--json needs the name of a file/],
];

for (const [args, message] of mistakes) {
  test(`${args.join(' ')} is refused in one line`, () => {
    assert.throws(
      () => readOptions(args),
      (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        assert.equal(error.message.includes('\n'), false);
        return true;
      },
    );
  });
}
