// NODE_OPTIONS as Node itself reads it: paths with blanks and quotes, and what was there before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { preloadedFiles, withRequire } from '../../src/cli/node-options.js';

describe('NODE_OPTIONS', () => {
  it('loads a file whatever its path, and keeps what was there', () => {
    const base = mkdtempSync(join(tmpdir(), 'venturi-options-'));
    try {
      for (const name of ['plain', 'with blank', 'with "quote', 'with \\ backslash', "it's"]) {
        const folder = join(base, name);
        mkdirSync(folder);
        const file = join(folder, 'loaded.cjs');
        writeFileSync(file, "process.stdout.write('loaded ');");
        const options = withRequire('--no-deprecation --title="two words"', file);
        const { stdout, stderr } = spawnSync(
          process.execPath,
          ['-p', 'process.noDeprecation + process.title'],
          { env: { ...process.env, NODE_OPTIONS: options }, encoding: 'utf8' },
        );
        assert.equal(stdout, 'loaded truetwo words\n', `${options}: ${stderr}`);
        assert.deepEqual(preloadedFiles(options), [file]);
      }
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });

  it('finds every file that is loaded beforehand', () => {
    const options = '-r a.js --require=b.js --import "c d.mjs" --max-old-space-size=1';
    assert.deepEqual(preloadedFiles(options), ['a.js', 'b.js', 'c d.mjs']);
    assert.equal(withRequire('', '/x.js'), '--require /x.js');
    assert.equal(withRequire(undefined, '/x.js'), '--require /x.js');
  });
});
